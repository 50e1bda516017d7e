import type { Address } from "../../base/address.ts";
import type { Call } from "../../call/call.ts";
import { LTIME_MAX, type LTime } from "./wire/ltime.ts";

/** The three clocks: of intents (`member`), of user events, and of queries. */
export type ClockName = "member" | "event" | "query";

/** A clock jumped further than any cluster advances by itself; the peer at `by` sent the time. */
export interface ClockJump {
  readonly kind: "clock-jump";
  readonly clock: ClockName;
  readonly from: LTime;
  readonly to: LTime;
  readonly by: Address | null;
}

/**
 * A jump that no cluster makes by itself: at a million events a second, a node would have to be away for twelve days.
 * The sender is faulty or malicious. The time is still witnessed, since every other node does so.
 */
export const JUMP_ABSURD: number = 2 ** 40;

/** Least time between two reports of absurd jumps of one clock, in milliseconds. */
const REPORT_MS = 60_000;

/**
 * A logical clock (L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978),
 * as in Serf (docs/protocol/serf.md, section 5). It starts at 1 and stops at `LTIME_MAX`.
 */
export class LamportClock {
  readonly #name: ClockName;
  readonly #report: (call: Call, jump: ClockJump) => void;
  #time: LTime = 1;
  #lastReport = Number.NEGATIVE_INFINITY;

  /** `report` is called for absurd jumps, at most once a minute. */
  constructor(name: ClockName, report: (call: Call, jump: ClockJump) => void) {
    this.#name = name;
    this.#report = report;
  }

  /** The time that the next message gets. */
  get time(): LTime {
    return this.#time;
  }

  increment(): void {
    this.#time = Math.min(this.#time + 1, LTIME_MAX);
  }

  /** Moves past a time from a message or a state. */
  witness(call: Call, seen: LTime): void {
    if (seen < this.#time) return;
    const from = this.#time;
    this.#time = Math.min(seen + 1, LTIME_MAX);
    if (seen - from < JUMP_ABSURD || call.now - this.#lastReport < REPORT_MS) return;
    this.#lastReport = call.now;
    this.#report(call, { kind: "clock-jump", clock: this.#name, from, to: seen, by: call.provenance.from });
  }
}
