import { EMPTY } from "../../base/bytes.ts";
import type { Call } from "../../call/call.ts";
import { isFault } from "../../wire/faults.ts";
import type { LayerHost } from "../layer-host.ts";
import { AckCoordinates } from "./coordinates/ack-coordinates.ts";
import { UserEvents } from "./events/user-events.ts";
import { type ClockJump, LamportClock } from "./lamport-clock.ts";
import { Leave } from "./leave.ts";
import { SerfMembers } from "./members/serf-members.ts";
import { Answers } from "./queries/answers.ts";
import { ConflictVote } from "./queries/conflict-vote.ts";
import { IncomingQueries } from "./queries/incoming-queries.ts";
import { OutgoingQueries } from "./queries/outgoing-queries.ts";
import type { SerfConfig } from "./serf-config.ts";
import type { SerfCounters } from "./serf-counters.ts";
import type { SerfEvent } from "./serf-event.ts";
import type { SerfParts } from "./serf-parts.ts";
import { SerfDecoder } from "./wire/decode.ts";
import type { FilterSubject, RegExpMatcher } from "./wire/filter-match.ts";
import { CONFLICT_RESPONSE, type ConflictResponse, STATUS_ALIVE } from "./wire/messages.ts";
import type { Tags } from "./wire/tags.ts";

/** The parts of Serf, wired together. */
export interface SerfAssembly extends SerfParts {
  readonly members: SerfMembers;
  readonly events: UserEvents;
  readonly queries: OutgoingQueries;
  readonly incomingQueries: IncomingQueries;
  readonly answers: Answers;
  readonly vote: ConflictVote;
  readonly leave: Leave;
  /** Null if coordinates are switched off. */
  readonly coordinates: AckCoordinates | null;
}

/** Builds Serf on a node. `refute` announces that this node is still a member. */
export function assembleSerf(
  host: LayerHost<SerfEvent>,
  config: SerfConfig,
  counters: SerfCounters,
  matcher: RegExpMatcher,
  refute: (call: Call) => void,
): SerfAssembly {
  const reportJump = (call: Call, notice: ClockJump): void => host.event(call, { type: "notice", notice });
  const parts: SerfParts = {
    host,
    config,
    counters,
    decoder: new SerfDecoder(),
    memberClock: new LamportClock("member", reportJump),
    eventClock: new LamportClock("event", reportJump),
    queryClock: new LamportClock("query", reportJump),
  };
  const coordinates = config.coordinates ? new AckCoordinates(parts) : null;
  const members = new SerfMembers(parts, { refute, erased: (name) => coordinates?.forget(name) });
  const answers = new Answers(parts, () => members.table.size);
  const subject = ownSubject(parts);
  const queries: OutgoingQueries = new OutgoingQueries(parts, (call, query, bytes) =>
    incomingQueries.begin(call, query, bytes),
  );
  const incomingQueries: IncomingQueries = new IncomingQueries({
    ...parts,
    answers,
    matcher,
    subject,
    conflictResponse: (name) => conflictResponse(parts, members, name),
    collect: (call, response) => queries.collect(call, response),
  });
  return {
    ...parts,
    members,
    events: new UserEvents(parts),
    queries,
    incomingQueries,
    answers,
    vote: new ConflictVote(parts, queries),
    leave: new Leave(parts, members),
    coordinates,
  };
}

/** This node as filters see it; its tags are decoded again only when they have changed. */
function ownSubject({ host, decoder }: SerfParts): () => FilterSubject {
  let meta: Uint8Array | null = null;
  let tags: Tags = new Map();
  return () => {
    const now = host.view(host.name)?.meta ?? EMPTY;
    if (now !== meta) {
      meta = now;
      const read = decoder.tags(now);
      tags = isFault(read) ? new Map() : read;
    }
    return { name: host.name, tags };
  };
}

function conflictResponse({ decoder }: SerfParts, { table }: SerfMembers, name: string): ConflictResponse {
  const member = table.get(name);
  const view = member === undefined ? undefined : table.view(member);
  if (view === undefined) return { type: CONFLICT_RESPONSE, member: null };
  const tags = decoder.tags(view.meta);
  const [protocolMin = 0, protocolMax = 0, protocolCur = 0, delegateMin = 0, delegateMax = 0, delegateCur = 0] =
    view.versions;
  return {
    type: CONFLICT_RESPONSE,
    member: {
      name,
      addr: view.address.ip,
      port: view.address.port,
      tags: isFault(tags) ? new Map() : tags,
      status: member?.status ?? STATUS_ALIVE,
      protocolMin,
      protocolMax,
      protocolCur,
      delegateMin,
      delegateMax,
      delegateCur,
    },
  };
}
