import { VirtualClock } from "@hearsay/core/virtual";

/** Time as the memory network needs it. A `VirtualClock` of `@hearsay/core/virtual` is one. */
export interface Scheduler {
  /** Monotonic, in milliseconds. */
  now(): number;
  /**
   * Runs `run` at that time and never within this call. What is due at the same time runs in the order in which it was
   * entered. Returns something to cancel by.
   */
  at(timeMs: number, run: () => void): unknown;
  /** Makes sure that it doesn't run. */
  cancel?(timer: unknown): void;
}

/**
 * A scheduler on real time. One timer serves the whole queue: several would fire out of order, since Node rounds them to
 * milliseconds.
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
