import { VirtualClock } from "@hearsay/core/virtual";

/** A source of time for the memory network. A `VirtualClock` of `@hearsay/core/virtual` is one. */
export interface Scheduler {
  /** Monotonic, in milliseconds. */
  now(): number;
  /**
   * Calls `run` at that time, never within this call. Functions that are due at the same time run in the order in which
   * they were added. Returns a handle for `cancel`.
   */
  at(timeMs: number, run: () => void): unknown;
  /** Cancels a call of `at`. */
  cancel?(timer: unknown): void;
}

/**
 * A scheduler on real time. One timer serves the whole queue: several timers would fire out of order, since Node rounds
 * them to milliseconds.
 */
export function realTime(): Scheduler {
  const queue = new VirtualClock(performance.now());
  let armedFor = Number.POSITIVE_INFINITY;
  let disarm = () => {};

  const run = () => {
    armedFor = Number.POSITIVE_INFINITY;
    try {
      queue.runUntil(performance.now());
    } finally {
      arm();
    }
  };
  const arm = () => {
    const next = queue.nextAt();
    if (next === armedFor) return;
    disarm();
    armedFor = next;
    if (next === Number.POSITIVE_INFINITY) return;
    const delayMs = next - performance.now();
    if (delayMs <= 0) {
      const immediate = setImmediate(run);
      disarm = () => clearImmediate(immediate);
    } else {
      const timer = setTimeout(run, Math.ceil(delayMs));
      disarm = () => clearTimeout(timer);
    }
  };

  return {
    now: () => performance.now(),
    at: (timeMs, task) => {
      const timer = queue.at(timeMs, task);
      arm();
      return () => {
        queue.cancel(timer);
        arm();
      };
    },
    cancel: (takeBack) => {
      if (typeof takeBack === "function") takeBack();
    },
  };
}
