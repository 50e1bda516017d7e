import { PerformanceObserver } from "node:perf_hooks";
import { threadMs } from "./thread-time.ts";

/** Shorter turns don't belong to the measured work. */
const BUSY_MS = 0.2;

/** One busy turn of the event loop, in milliseconds. */
export interface Turn {
  /** Work alone: processor time of the main thread, without the collector's pauses. */
  readonly workMs: number;
  /** The collector's pauses within the turn. */
  readonly pausesMs: number;
}

interface Span {
  readonly start: number;
  readonly ms: number;
  readonly usedMs: number;
}

/** Measures every turn of the event loop, from one `setImmediate` to the next: a packet may have to wait this long. */
export class TurnMonitor {
  readonly #pauses: { readonly start: number; readonly ms: number }[] = [];
  readonly #observer: PerformanceObserver = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) this.#pauses.push({ start: startTime, ms: duration });
  });
  #spans: Span[] = [];
  #isRunning = false;

  /** Starts measuring. It keeps the loop turning, which occupies a core until `stop`. */
  start(): void {
    this.#spans = [];
    this.#pauses.length = 0;
    this.#isRunning = true;
    this.#observer.observe({ entryTypes: ["gc"] });
    let start = performance.now();
    let used = threadMs();
    const turn = (): void => {
      const ms = performance.now() - start;
      const usedNow = threadMs();
      if (ms >= BUSY_MS) this.#spans.push({ start, ms, usedMs: usedNow - used });
      used = usedNow;
      start = performance.now();
      if (this.#isRunning) setImmediate(turn);
    };
    setImmediate(turn);
  }

  /** Returns the busy turns. Call it some turns after the work, when the collector's reports have arrived. */
  stop(): Turn[] {
    this.#isRunning = false;
    this.#observer.disconnect();
    return this.#spans.map(({ start, ms, usedMs }) => {
      const within = this.#pauses.filter((pause) => pause.start >= start && pause.start < start + ms);
      const pausesMs = within.reduce((sum, pause) => sum + pause.ms, 0);
      // During a pause the thread works or waits for its helpers; the lesser difference excludes both.
      return { workMs: Math.max(0, Math.min(ms - pausesMs, usedMs)), pausesMs };
    });
  }
}
