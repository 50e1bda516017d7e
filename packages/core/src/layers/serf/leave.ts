import type { Call } from "../../call/call.ts";
import { FAILURES, transmitLimit } from "../../dissemination/rumor.ts";
import type { LeaveSteps } from "../layer.ts";
import type { SerfMembers } from "./members/serf-members.ts";
import { LEAVE_STEP } from "./serf-deadlines.ts";
import { INTENT_SUBJECT, type SerfParts } from "./serf-parts.ts";
import { encodeSerfMessage } from "./wire/encode.ts";
import { LEAVE, type LeaveIntent } from "./wire/messages.ts";

/** Minimum number of gossip intervals between the leave intent and membership's leave, where all pass it on at once. */
const INTERVALS_AHEAD = 2;

/** Steps of a leave, as stamps of its deadlines. */
const INTENT_TOLD = 1;
const INTENT_LIMIT = 2;
const GOODBYE_LIMIT = 3;
const PROPAGATED = 4;

/**
 * Leaves the pool: first the intent, and membership's leave once the intent has been gossiped. A member that hears
 * membership's leave first marks the node as failed (docs/protocol/serf.md, sections 8 and 24). The whole leave takes
 * at most `broadcastTimeoutMs` plus `leavePropagateDelayMs`.
 */
export class Leave {
  readonly #parts: SerfParts;
  readonly #members: SerfMembers;
  #steps: LeaveSteps | null = null;
  #earliest = 0;
  /** Time limit for gossiping the intent and membership's leave, both together. */
  #tellingEndsAt = 0;
  #hasDeparted = false;
  #isGoodbyeTold = false;

  constructor(parts: SerfParts, members: SerfMembers) {
    this.#parts = parts;
    this.#members = members;
  }

  begin(call: Call, steps: LeaveSteps): void {
    this.#steps = steps;
    const { host, config, memberClock } = this.#parts;
    const intent: LeaveIntent = { type: LEAVE, lTime: memberClock.time, node: host.name, prune: false };
    memberClock.increment();
    this.#members.isLeaving = true;
    this.#members.leaveIntent(call, intent);
    this.#tellingEndsAt = call.now + config.broadcastTimeoutMs;
    // No other member is present to hear it.
    if (host.present() <= 1) return this.#depart(call);
    const payload = encodeSerfMessage(intent);
    const subject = intentSubject(host.name);
    host.broadcast(call, { payload, rumorClass: FAILURES, subject, onDone: (done) => this.#intentTold(done) });
    this.#earliest = call.now + this.#intervalsAhead() * host.config.gossipIntervalMs;
    host.wakeAt(this.#tellingEndsAt, LEAVE_STEP, INTENT_LIMIT);
  }

  /**
   * Membership's leave has been gossiped. The node stays for a while, so that others can relay it and still ask this
   * node.
   */
  departed(call: Call): void {
    if (this.#isGoodbyeTold) return;
    this.#isGoodbyeTold = true;
    const { host, config } = this.#parts;
    if (host.present() === 0) this.#steps?.finish(call);
    else host.wakeAt(call.now + config.leavePropagateDelayMs, LEAVE_STEP, PROPAGATED);
  }

  fallDue(call: Call, step: number): void {
    if (step === PROPAGATED) this.#steps?.finish(call);
    else if (step === GOODBYE_LIMIT) this.departed(call);
    else this.#depart(call);
  }

  /**
   * Members that pass news on with their ticks only get as many more intervals as they need to send the intent as often
   * as they may: the reference waits that long before its own goodbye.
   */
  #intervalsAhead(): number {
    const { host } = this.#parts;
    if (host.areAllCapable()) return INTERVALS_AHEAD;
    const { retransmitMult, gossipNodes } = host.config;
    return INTERVALS_AHEAD + Math.ceil(transmitLimit(retransmitMult, host.present()) / Math.max(1, gossipNodes));
  }

  #intentTold(call: Call): void {
    if (call.now >= this.#earliest) this.#depart(call);
    else this.#parts.host.wakeAt(this.#earliest, LEAVE_STEP, INTENT_TOLD);
  }

  #depart(call: Call): void {
    if (this.#hasDeparted) return;
    this.#hasDeparted = true;
    const { host } = this.#parts;
    // Without gossip, no rumor is ever sent often enough, hence the limit. If the intent was late, membership's leave
    // still goes out during the propagation delay.
    host.wakeAt(this.#tellingEndsAt, LEAVE_STEP, GOODBYE_LIMIT);
    this.#steps?.goodbye(call);
  }
}

/** A newer intent about a member replaces an older one. */
export function intentSubject(name: string): string {
  return `${INTENT_SUBJECT}${name}`;
}
