import type { Call } from "../../call/call.ts";
import { isFault } from "../../wire/faults.ts";
import type { BegunMerge, StateMerge } from "../layer.ts";
import type { UserEvents } from "./events/user-events.ts";
import type { LamportClock } from "./lamport-clock.ts";
import type { SerfMembers } from "./members/serf-members.ts";
import type { SerfParts } from "./serf-parts.ts";
import { encodeSerfMessage } from "./wire/encode.ts";
import type { LTime } from "./wire/ltime.ts";
import { JOIN, LEAVE, type SerfState, STATE, STATUS_LEFT } from "./wire/messages.ts";

/** Dependencies of Serf's part of a push/pull (docs/protocol/serf.md, section 13). */
export interface SerfStateParts extends SerfParts {
  readonly members: SerfMembers;
  readonly events: UserEvents;
}

/** The state that this node sends to a peer. */
export function localState({ members, events, memberClock, eventClock, queryClock }: SerfStateParts): Uint8Array {
  const statusLTimes = new Map<string, LTime>();
  const leftMembers: string[] = [];
  for (const { name, lTime, status } of members.table.all()) {
    statusLTimes.set(name, lTime);
    if (status === STATUS_LEFT) leftMembers.push(name);
  }
  return encodeSerfMessage({
    type: STATE,
    lTime: memberClock.time,
    eventLTime: eventClock.time,
    queryLTime: queryClock.time,
    statusLTimes,
    leftMembers,
    events: events.ring.slots,
  });
}

/** Members or events merged in one slice. */
const MERGED_PER_SLICE = 2048;

/**
 * Merges a peer's state; the first slice at once. Nothing of it is relayed: every node exchanges states itself.
 * `ignoresOld` is for a node that has just joined and wants no user events from before.
 */
export function mergeState(parts: SerfStateParts, call: Call, bytes: Uint8Array, ignoresOld: boolean): BegunMerge {
  const { events, decoder, counters } = parts;
  const state = decoder.decode(bytes, 0, bytes.length);
  if (isFault(state) || state.type !== STATE) {
    counters.statesRefused++;
    return { end: bytes.length, rest: null };
  }
  const end = decoder.at;
  witnessBefore(call, parts.memberClock, state.lTime);
  witnessBefore(call, parts.eventClock, state.eventLTime);
  witnessBefore(call, parts.queryClock, state.queryLTime);
  if (ignoresOld) events.ignoreBefore(state.eventLTime);
  const steps = mergeSteps(parts, state);
  const merge: StateMerge = (turn) => {
    for (let budget = MERGED_PER_SLICE; budget > 0; budget--) {
      const { done, value: step } = steps.next();
      if (done === true) return true;
      step(turn);
    }
    return false;
  };
  return { end, rest: merge(call) ? null : merge };
}

/** Left members come first; their times are not merged as join intents. */
function* mergeSteps({ members, events }: SerfStateParts, state: SerfState): Generator<(call: Call) => void, void> {
  const left = new Set(state.leftMembers);
  for (const node of left) {
    const lTime = (state.statusLTimes.get(node) ?? 0) + 1;
    yield (call) => void members.leaveIntent(call, { type: LEAVE, lTime, node, prune: false });
  }
  for (const [node, lTime] of state.statusLTimes) {
    if (!left.has(node)) yield (call) => void members.joinIntent(call, { type: JOIN, lTime, node });
  }
  for (const slot of state.events) {
    for (const event of slot?.events ?? []) yield (call) => events.replay(call, slot?.lTime ?? 0, event);
  }
}

/** A peer's clock holds the time of its next message; the last time that it has seen is one less. */
function witnessBefore(call: Call, clock: LamportClock, lTime: LTime): void {
  if (lTime > 0) clock.witness(call, lTime - 1);
}
