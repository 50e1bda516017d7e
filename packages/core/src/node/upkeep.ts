import * as due from "../base/deadlines.ts";
import type { Call } from "../call/call.ts";
import type { Parts } from "./assembly.ts";

/** A call later than this, in milliseconds, means that this node is slow; it then gives others more time. */
const LATE_MS = 250;

/** Least time between two `slow` notices, in milliseconds. */
const SLOW_REPORT_MS = 60_000;

/** Number of deadlines below which nothing is swept. */
const SWEEP_MIN = 4096;

/** Notices when the host is late, and removes stale deadlines. */
export class Upkeep {
  readonly #parts: Parts;
  /** Lateness up to this time has been accounted for. */
  #accountedUntil = Number.NEGATIVE_INFINITY;
  #lastReport = Number.NEGATIVE_INFINITY;
  #sweepAt = SWEEP_MIN;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Handles a late host: a blocked event loop, or a process that was stopped and resumed. Answers may wait in buffers,
   * so the detector's deadlines move by the lateness, and the awareness score rises before this node accuses others.
   */
  noteLateness(call: Call): void {
    const { deadlines, suspicions, prober, awareness, counters } = this.#parts;
    const lateMs = call.now - Math.max(deadlines.nextAt(), this.#accountedUntil);
    if (!(lateMs > LATE_MS)) return;
    this.#accountedUntil = call.now;
    counters.lateCalls++;
    deadlines.postpone(due.PROBE_TIMEOUT, due.SUSPICION, lateMs);
    suspicions.postpone(lateMs);
    prober.postpone(lateMs);
    awareness.apply(1);
    if (call.now - this.#lastReport < SLOW_REPORT_MS) return;
    this.#lastReport = call.now;
    call.out.event({ type: "notice", notice: { kind: "slow", lateMs, score: awareness.score } });
  }

  /** Removes stale deadlines, which hostile traffic can pile up, once the heap has doubled since the last sweep. */
  sweep(): void {
    const { deadlines } = this.#parts;
    if (deadlines.size < this.#sweepAt) return;
    deadlines.sweep((kind, subject, stamp) => this.#isStale(kind, subject, stamp));
    this.#sweepAt = Math.max(SWEEP_MIN, 2 * deadlines.size);
  }

  #isStale(kind: number, subject: number, stamp: number): boolean {
    const { suspicions, prober, relay, namedPings, layers } = this.#parts;
    switch (kind) {
      case due.SUSPICION:
        return !suspicions.isCurrent(subject, stamp);
      case due.PROBE_TIMEOUT:
      case due.PROBE_DEADLINE:
        return !prober.has(stamp);
      case due.RELAY_TIMEOUT:
        return !relay.has(stamp);
      case due.NAMED_PING_TIMEOUT:
        return !namedPings.has(stamp);
      case due.LAYER:
        return !layers.isCurrent(subject, stamp);
      default:
        return false;
    }
  }
}
