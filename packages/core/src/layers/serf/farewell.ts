import type { Input } from "../../call/input.ts";
import { FAILURES } from "../../dissemination/rumor.ts";
import type { SerfMembers } from "./members/serf-members.ts";
import { FAREWELL } from "./serf-deadlines.ts";
import { INTENT_SUBJECT, type SerfParts } from "./serf-parts.ts";
import { encodeSerfMessage } from "./wire/encode.ts";
import { LEAVE, type LeaveIntent } from "./wire/messages.ts";

/** Gossip intervals that the intent has at least before membership's goodbye follows it. */
const INTERVALS_AHEAD = 2;

/** Steps of a farewell, as stamps of its deadlines. */
const INTENT_TOLD = 1;
const INTENT_LIMIT = 2;
const GOODBYE_LIMIT = 3;
const PROPAGATED = 4;

/**
 * How this node leaves: first the intent, and only when that has been told, membership's goodbye. Whoever hears the goodbye
 * first takes the node for failed (docs/protocol/serf.md, sections 8 and 24). All of it takes `broadcastTimeoutMs` and
 * `leavePropagateDelayMs` at the most.
 */
export class Farewell {
  readonly #parts: SerfParts;
  readonly #members: SerfMembers;
  #ticket = 0;
  #earliest = 0;
  /** When the intent and the goodbye must have been told, both together. */
  #tellingEndsAt = 0;
  #hasDeparted = false;
  #isGoodbyeTold = false;

  constructor(parts: SerfParts, members: SerfMembers) {
    this.#parts = parts;
    this.#members = members;
  }

  begin(input: Input): void {
    const { below, config, memberClock } = this.#parts;
    const intent: LeaveIntent = { type: LEAVE, lTime: memberClock.time, node: below.name, prune: false };
    memberClock.increment();
    this.#members.isLeaving = true;
    this.#members.leaveIntent(input, intent);
    this.#tellingEndsAt = input.now + config.broadcastTimeoutMs;
    // Nobody else is here to be told.
    if (below.present() <= 1) return this.#depart(input);
    const payload = encodeSerfMessage(intent);
    const subject = intentSubject(below.name);
    this.#ticket = below.tell(input, { payload, rumorClass: FAILURES, subject, wantsTicket: true });
    this.#earliest = input.now + INTERVALS_AHEAD * below.config.gossipIntervalMs;
    below.wakeAt(this.#tellingEndsAt, FAREWELL, INTENT_LIMIT);
  }

  /** Whether a rumor that is done was this node's intent. */
  rumorFinished(input: Input, ticket: number): boolean {
    if (ticket !== this.#ticket || ticket === 0) return false;
    this.#ticket = 0;
    if (input.now >= this.#earliest) this.#depart(input);
    else this.#parts.below.wakeAt(this.#earliest, FAREWELL, INTENT_TOLD);
    return true;
  }

  /** Membership's goodbye has been told: stays a while, so that others can pass it on and ask again. */
  departed(input: Input): void {
    if (this.#isGoodbyeTold) return;
    this.#isGoodbyeTold = true;
    const { below, config } = this.#parts;
    if (below.present() === 0) input.out.event({ type: "leave-finished" });
    else below.wakeAt(input.now + config.leavePropagateDelayMs, FAREWELL, PROPAGATED);
  }

  fallDue(input: Input, step: number): void {
    if (step === PROPAGATED) input.out.event({ type: "leave-finished" });
    else if (step === GOODBYE_LIMIT) this.departed(input);
    else this.#depart(input);
  }

  #depart(input: Input): void {
    if (this.#hasDeparted) return;
    this.#hasDeparted = true;
    this.#ticket = 0;
    const { below } = this.#parts;
    // Where nothing is sent, nothing is ever told often enough. A goodbye that follows a late intent still goes out while
    // this node stays to be asked.
    below.wakeAt(this.#tellingEndsAt, FAREWELL, GOODBYE_LIMIT);
    below.depart(input);
  }
}

/** A newer intent about a member takes the place of an older one. */
export function intentSubject(name: string): string {
  return `${INTENT_SUBJECT}${name}`;
}
