import { performance } from "node:perf_hooks";
import { TIMER_MS_MAX } from "./durations.ts";

/** Time as the library sees it, so that tests can bring their own. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since the epoch. */
  wallNow(): number;
  /** Calls `fn` once, `delayMs` from now at the earliest. Returns a function that prevents it. */
  after(delayMs: number, fn: () => void): () => void;
  /** Calls `fn` once what already waits in the sockets has been delivered. */
  soon(fn: () => void): void;
}

/** The process's own clock. Its timers keep the process running, as an open socket does. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  after(delayMs, fn) {
    // Timers have whole milliseconds, of which Node drops the fraction: one that fires early finds nothing due.
    const timer = setTimeout(fn, Math.min(TIMER_MS_MAX, Math.ceil(Math.max(0, delayMs))));
    return () => clearTimeout(timer);
  },
  soon(fn) {
    setImmediate(fn);
  },
};
