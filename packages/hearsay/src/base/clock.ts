import { performance } from "node:perf_hooks";
import { TIMER_MS_MAX } from "./durations.ts";

/** The library's source of time; tests supply their own. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since the epoch. */
  wallNow(): number;
  /** Calls `fn` once, no earlier than `delayMs` from now. Returns a function that cancels it. */
  after(delayMs: number, fn: () => void): () => void;
  /** Calls `fn` after everything that already waits in the sockets has been delivered. */
  soon(fn: () => void): void;
}

/** The process's clock. Its timers keep the process running, as an open socket does. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  after(delayMs, fn) {
    // Node drops the fraction of a millisecond, and a timer that fires early finds nothing due: so round up.
    const timer = setTimeout(fn, Math.min(TIMER_MS_MAX, Math.ceil(Math.max(0, delayMs))));
    return () => clearTimeout(timer);
  },
  soon(fn) {
    setImmediate(fn);
  },
};
