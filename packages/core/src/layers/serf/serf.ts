import type { Address } from "../../base/address.ts";
import { invariant } from "../../base/invariant.ts";
import type { Call, Done } from "../../call/call.ts";
import type { MemberChange, MemberView } from "../../call/events.ts";
import type { Outbox } from "../../call/outbox.ts";
import { FAILURES, JOINS } from "../../dissemination/rumor.ts";
import { isFault } from "../../wire/faults.ts";
import { Layer, type LayerState, type LeaveSteps } from "../layer.ts";
import type { LayerHost } from "../layer-host.ts";
import type { Coordinate } from "./coordinates/coordinate.ts";
import { type CoordinateCounters, newCoordinateCounters } from "./coordinates/coordinate-client.ts";
import type { TooLarge } from "./events/user-events.ts";
import { intentSubject } from "./leave.ts";
import type { RespondFault } from "./queries/incoming-queries.ts";
import type { Busy, QueryParams, StartedQuery } from "./queries/outgoing-queries.ts";
import { assembleSerf, type SerfAssembly } from "./serf-assembly.ts";
import { SERF_DEFAULTS, type SerfConfig } from "./serf-config.ts";
import { newSerfCounters, type SerfCounters } from "./serf-counters.ts";
import * as due from "./serf-deadlines.ts";
import type { SerfEvent } from "./serf-event.ts";
import { EVENT_SUBJECT, INTENT_SUBJECT, QUERY_SUBJECT } from "./serf-parts.ts";
import { localState, mergeState } from "./serf-state.ts";
import { encodeSerfMessage } from "./wire/encode.ts";
import type { RegExpMatcher } from "./wire/filter-match.ts";
import type { LTime } from "./wire/ltime.ts";
import {
  JOIN,
  type JoinIntent,
  type KeyResponse,
  LEAVE,
  type LeaveIntent,
  QUERY,
  QUERY_RESPONSE,
  RELAY,
  type SerfMessage,
  STATUS_ALIVE,
  STATUS_FAILED,
  STATUS_LEFT,
  USER_EVENT,
} from "./wire/messages.ts";

/**
 * Least, greatest and spoken version of Serf's protocol (docs/protocol/serf.md, section 18), for `delegateVersions`.
 */
export const SERF_VERSIONS: readonly [number, number, number] = [2, 5, 5];

/** Each of Serf's messages begins with its type. */
const PREFIXES: readonly Uint8Array[] = Array.from({ length: 10 }, (_, type) => Uint8Array.of(type));

/** The three clocks, as a snapshot stores them. */
export interface SerfClocks {
  readonly clock: LTime;
  readonly eventClock: LTime;
  readonly queryClock: LTime;
}

/** The options of `Serf`. */
export interface SerfOptions {
  readonly matcher: RegExpMatcher;
  /** @defaultValue Serf's own */
  readonly config?: Partial<SerfConfig>;
  /** Clocks of an earlier life, whose events and queries are not heard again. @defaultValue none */
  readonly clocks?: SerfClocks;
}

/**
 * Serf on one node: a layer for `Swim`. Pass it in `layers`, together with `SERF_VERSIONS`; the node's metadata holds
 * its tags (`encodeTags`).
 *
 * Like `Swim`, it has *commands* (`event`, `query`, `respond` …), which take the caller's monotonic time and an
 * `Outbox`, and *queries* (`members`, `coordinate` …), which change nothing. After a command, arm the timer for
 * `Swim.nextDeadline`.
 */
export class Serf extends Layer<SerfEvent> {
  override readonly name = "serf";
  override readonly prefixes: readonly Uint8Array[] = PREFIXES;
  override readonly isExtension = false;
  override readonly state: LayerState = {
    section: null,
    local: () => localState(this.#parts),
    merge: (call, bytes, isJoin) => {
      const ignoresOld = isJoin && [...this.#joins.values()].some((replays) => !replays);
      return mergeState(this.#parts, call, bytes, ignoresOld);
    },
  };
  readonly counters: SerfCounters = newSerfCounters();
  readonly config: SerfConfig;
  readonly #options: SerfOptions;
  #assembly: SerfAssembly | null = null;
  /** Running joins that end with a join intent, by token, each with whether it wants the earlier user events. */
  readonly #joins = new Map<number, boolean>();

  constructor(options: SerfOptions) {
    super();
    this.#options = options;
    this.config = { ...SERF_DEFAULTS, ...options.config };
  }

  /** Lost members are looked for as long as failed ones are remembered. */
  override get lookForMs(): number {
    return this.config.reconnectTimeoutMs;
  }

  /** Sends a user event to all members, this node included. Returns its Lamport time. */
  event(now: number, name: string, payload: Uint8Array, coalesce: boolean, out: Outbox): LTime | TooLarge {
    const { host, events } = this.#parts;
    return host.command(now, out, (call) => events.fire(call, name, payload, coalesce));
  }

  /** Asks the members that the filters match. Acknowledgements and answers come as events until `query-finished`. */
  query(now: number, params: QueryParams, out: Outbox): StartedQuery | TooLarge | Busy {
    const { host, queries } = this.#parts;
    return host.command(now, out, (call) => queries.start(call, params));
  }

  /** Ends a query of this node early; its only further event is `query-finished`. */
  endQuery(now: number, query: number, out: Outbox): void {
    const { host, queries } = this.#parts;
    host.command(now, out, (call) => queries.finish(call, query));
  }

  /** Answers a `query` event. Returns null if the answer is accepted. */
  respond(now: number, handle: number, payload: Uint8Array, out: Outbox): RespondFault | null {
    const { host, incomingQueries } = this.#parts;
    return host.command(now, out, (call) => incomingQueries.respond(call, handle, payload));
  }

  /** Answers a `key-query` event. */
  respondToKeyQuery(now: number, handle: number, response: KeyResponse, out: Outbox): RespondFault | null {
    const { host, incomingQueries } = this.#parts;
    return host.command(now, out, (call) => incomingQueries.respondToKeyQuery(call, handle, response));
  }

  /**
   * Joins as `Swim.join` does, and then broadcasts a join intent. `replays`: whether this node also wants the
   * remembered user events from before the join.
   */
  join(now: number, token: number, targets: readonly Address[], replays: boolean, out: Outbox): void {
    const { host } = this.#parts;
    this.#joins.set(token, replays);
    host.command(now, out, (call) => host.join(call, token, targets));
  }

  /**
   * Marks a failed member as left on all nodes; with `prune`, it is forgotten. A live member refutes. Ends with a
   * `rumor-finished` event with this token once the intent has been gossiped, or within this call if there are no
   * others; token 0 asks for no event.
   */
  forceLeave(now: number, token: number, name: string, prune: boolean, out: Outbox): void {
    const { host, members, memberClock } = this.#parts;
    host.command(now, out, (call) => {
      const intent: LeaveIntent = { type: LEAVE, lTime: memberClock.time, node: name, prune };
      memberClock.increment();
      members.leaveIntent(call, intent);
      // This node has just refuted a leave about itself; broadcasting that leave would replace the refutation.
      const isRefuted = name === host.name && !members.isLeaving;
      const onDone: Done = (told) => told.out.event({ type: "rumor-finished", token });
      if (!isRefuted && host.present() > 1) this.#broadcastIntent(call, intent, token === 0 ? null : onDone);
      else if (token !== 0) onDone(call);
    });
  }

  /** All members in no particular order, this node included, and failed and left ones until they are forgotten. */
  members(): MemberView[] {
    const { table } = this.#parts.members;
    const views: MemberView[] = [];
    for (const member of table.all()) {
      const view = table.view(member);
      if (view !== undefined) views.push(view);
    }
    return views;
  }

  member(name: string): MemberView | undefined {
    const { table } = this.#parts.members;
    const member = table.get(name);
    return member === undefined ? undefined : table.view(member);
  }

  /** Numbers of failed and left members. */
  get gone(): { readonly failed: number; readonly left: number } {
    const { table } = this.#parts.members;
    return { failed: table.count(STATUS_FAILED), left: table.count(STATUS_LEFT) };
  }

  /** Number of queued broadcasts of each kind. */
  get queued(): Readonly<Record<"intents" | "events" | "queries", number>> {
    const { host } = this.#parts;
    return {
      intents: host.queued(INTENT_SUBJECT),
      events: host.queued(EVENT_SUBJECT),
      queries: host.queued(QUERY_SUBJECT),
    };
  }

  /** The time that the next message of each clock gets. */
  get clocks(): SerfClocks {
    const { memberClock, eventClock, queryClock } = this.#parts;
    return { clock: memberClock.time, eventClock: eventClock.time, queryClock: queryClock.time };
  }

  /** A node's coordinate, this node's by default; undefined if it is unknown. */
  coordinate(name?: string): Coordinate | undefined {
    const { coordinates, host } = this.#parts;
    if (coordinates === null) return undefined;
    return name === undefined || name === host.name ? coordinates.own : coordinates.of(name);
  }

  /** Counters of the coordinate client; all zero if coordinates are switched off. */
  get coordinateCounters(): Readonly<CoordinateCounters> {
    return this.#parts.coordinates?.counters ?? newCoordinateCounters();
  }

  /** The current size of everything that has a limit; docs/reference/limits.md lists the limits. */
  get occupancy(): Readonly<
    Record<"serfMembers" | "recentIntents" | "eventBytes" | "queriesOpen" | "queriesAsked" | "coordinates", number>
  > {
    const { members, events, incomingQueries, queries, coordinates } = this.#parts;
    return {
      serfMembers: members.table.size,
      recentIntents: members.recentIntents.size,
      eventBytes: events.ring.bytes,
      queriesOpen: incomingQueries.size,
      queriesAsked: queries.size,
      coordinates: coordinates?.peers ?? 0,
    };
  }

  override attach(host: LayerHost<SerfEvent>): void {
    const { config, counters } = this;
    this.#assembly = assembleSerf(host, config, counters, this.#options.matcher, (call) => this.#announceJoin(call));
  }

  override start(call: Call): void {
    const { host, config, events, incomingQueries, memberClock, eventClock, queryClock } = this.#parts;
    host.wakeAt(call.now + config.reapIntervalMs, due.REAP_ROUND, 0);
    const { clocks } = this.#options;
    if (clocks === undefined) return;
    memberClock.witness(call, clocks.clock);
    eventClock.witness(call, clocks.eventClock);
    queryClock.witness(call, clocks.queryClock);
    events.ignoreBefore(clocks.eventClock + 1);
    incomingQueries.ring.minTime = clocks.queryClock + 1;
  }

  override adopted(name: string): void {
    this.#parts.members.table.add(name, STATUS_ALIVE, 0);
  }

  override changed(call: Call, change: MemberChange): MemberChange | null {
    return this.#parts.members.changed(call, change);
  }

  override datagram(call: Call, payload: Uint8Array): boolean {
    const { decoder, counters } = this.#parts;
    const message = decoder.decode(payload, 0, payload.length);
    if (!isFault(message)) this.#dispatch(call, message, payload);
    else if (message.reason === "harmful") counters.messagesHarmful++;
    else counters.messagesRefused++;
    return true;
  }

  override pingAnswered(_call: Call, name: string, roundTripMs: number, payload: Uint8Array | null): void {
    if (payload !== null) this.#parts.coordinates?.observed(name, roundTripMs, payload);
  }

  override ackPayload(): Uint8Array | null {
    return this.#parts.coordinates?.payload() ?? null;
  }

  override joinFinished(call: Call, token: number, contacted: number): void {
    if (this.#joins.delete(token) && contacted > 0) this.#announceJoin(call);
  }

  override nameClaimed(call: Call, other: Address): void {
    if (this.config.conflictVote) this.#parts.vote.begin(call, other);
  }

  override leave(call: Call, steps: LeaveSteps): void {
    this.#parts.leave.begin(call, steps);
  }

  override departed(call: Call): void {
    this.#parts.leave.departed(call);
  }

  override isCurrent(kind: number, stamp: number): boolean {
    const { incomingQueries, queries } = this.#parts;
    if (kind === due.INCOMING_QUERY) return incomingQueries.isCurrent(stamp);
    return kind !== due.OUTGOING_QUERY || queries.isCurrent(stamp);
  }

  override fallDue(call: Call, kind: number, stamp: number): void {
    const { incomingQueries, queries, leave, members, host } = this.#parts;
    switch (kind) {
      case due.REAP_ROUND:
        members.reap(call);
        host.wakeAt(call.now + this.config.reapIntervalMs, due.REAP_ROUND, 0);
        return;
      case due.INCOMING_QUERY:
        return incomingQueries.expired(stamp);
      case due.OUTGOING_QUERY:
        return queries.finish(call, stamp);
      case due.LEAVE_STEP:
        return leave.fallDue(call, stamp);
    }
  }

  #dispatch(call: Call, message: SerfMessage, bytes: Uint8Array): void {
    const { members, events, incomingQueries, queries, answers, counters } = this.#parts;
    switch (message.type) {
      case LEAVE:
        return this.#relayIntent(call, message, bytes, members.leaveIntent(call, message));
      case JOIN:
        return this.#relayIntent(call, message, bytes, members.joinIntent(call, message));
      case USER_EVENT:
        return events.receive(call, message, bytes);
      case QUERY:
        return incomingQueries.receive(call, message, bytes);
      case QUERY_RESPONSE:
        return queries.collect(call, message);
      case RELAY:
        return answers.serve(call, message);
      default:
        counters.messagesRefused++;
    }
  }

  #relayIntent(call: Call, { type, node }: JoinIntent | LeaveIntent, bytes: Uint8Array, isNews: boolean): void {
    const { host } = this.#parts;
    const subject = intentSubject(node);
    if (!isNews) return host.heardAgain(call, subject);
    const rumorClass = type === LEAVE ? FAILURES : JOINS;
    host.broadcast(call, { payload: bytes.slice(), rumorClass, subject });
  }

  /** Broadcasts a join intent: this node has joined, or is still a member. */
  #announceJoin(call: Call): void {
    const { host, members, memberClock } = this.#parts;
    const intent: JoinIntent = { type: JOIN, lTime: memberClock.time, node: host.name };
    members.joinIntent(call, intent);
    this.#broadcastIntent(call, intent, null);
  }

  #broadcastIntent(call: Call, intent: JoinIntent | LeaveIntent, onDone: Done | null): void {
    const payload = encodeSerfMessage(intent);
    const rumorClass = intent.type === LEAVE ? FAILURES : JOINS;
    this.#parts.host.broadcast(call, { payload, rumorClass, subject: intentSubject(intent.node), onDone });
  }

  get #parts(): SerfAssembly {
    invariant(this.#assembly !== null, "Serf is given to a node before it is used");
    return this.#assembly;
  }
}
