import { VirtualClock } from "@hearsay/core/virtual";
import type { Clock } from "../base/clock.ts";
import { DURATION_FORM, type Duration, formatDuration, parseDuration } from "../base/durations.ts";
import { configError, HearsayError } from "../base/errors.ts";
import type { ProcessGate } from "./process-gate.ts";

/** Start of virtual time, by the wall clock: the first instant of 2026. */
export const EPOCH_MS: number = Date.UTC(2026, 0, 1);

/** Virtual time for code with promises: after each step all promises settle before the next step. */
export class VirtualTime {
  readonly clock: VirtualClock = new VirtualClock();
  #isMoving = false;

  /** Lets time pass. */
  async advance(duration: Duration): Promise<void> {
    const end = this.clock.now() + milliseconds("duration", duration);
    await this.#move(end, () => false);
    this.clock.runUntil(end);
    await settled();
  }

  /**
   * Lets time pass until a condition holds; it is checked before each step.
   *
   * @throws HearsayError `ERR_TIMEOUT` with `what` if it doesn't hold within `limit`
   */
  async until(isTrue: () => boolean, limit: Duration, what: () => string): Promise<void> {
    const limitMs = milliseconds("limit", limit);
    if (await this.#move(this.clock.now() + limitMs, isTrue)) return;
    const text = what();
    const message = `${text}: not within ${formatDuration(Math.ceil(limitMs))} of virtual time`;
    throw new HearsayError("ERR_TIMEOUT", message, { what: text, timeoutMs: limitMs });
  }

  /** The clock of one process. */
  clockOf(gate: ProcessGate): Clock {
    const { clock } = this;
    return {
      now: () => clock.now(),
      wallNow: () => EPOCH_MS + clock.now(),
      after(delayMs, fn) {
        let isCancelled = false;
        // A timer may have fired and still wait for a stopped process; it can still be cancelled.
        const timer = clock.at(clock.now() + Math.max(0, delayMs), () =>
          gate.timer(() => {
            if (!isCancelled) fn();
          }),
        );
        return () => {
          isCancelled = true;
          clock.cancel(timer);
        };
      },
      soon: (fn) => void clock.at(clock.now(), () => gate.timer(fn)),
    };
  }

  /** Whether `isTrue` became true by `end`. */
  async #move(end: number, isTrue: () => boolean): Promise<boolean> {
    if (this.#isMoving) {
      const allowed = "one call at a time; await the one before";
      throw configError([{ key: "advance", value: undefined, allowed }]);
    }
    this.#isMoving = true;
    try {
      for (;;) {
        await settled();
        if (isTrue()) return true;
        if (this.clock.nextAt() > end) return false;
        this.clock.runNext();
      }
    } finally {
      this.#isMoving = false;
    }
  }
}

function milliseconds(key: string, duration: Duration): number {
  const ms = parseDuration(duration);
  if (ms === null) throw configError([{ key, value: duration, allowed: DURATION_FORM }]);
  return ms;
}

/** Settles once every promise that can settle has settled: a macrotask runs after all microtasks. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
