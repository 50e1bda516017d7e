import { PerformanceObserver } from "node:perf_hooks";
import { threadMs } from "./thread-time.ts";

/** Turns shorter than this have nothing to do with the work that is looked at. */
const BUSY_MS = 0.2;

/** One turn of the event loop that had something to do, in milliseconds. */
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

/** Measures every turn of the event loop, from one `setImmediate` to the next: so long may a packet have to wait. */
export class TurnMonitor {
  readonly #pauses: { readonly start: number; readonly ms: number }[] = [];
  readonly #observer: PerformanceObserver = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) this.#pauses.push({ start: startTime, ms: duration });
  });
  #spans: Span[] = [];
  #isRunning = false;

  /** Starts to keep the loop turning, which costs a processor until `stop`. */
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

  /** The busy turns. Call it some turns after the work, when the collector's reports have come in. */
  stop(): Turn[] {
    this.#isRunning = false;
    this.#observer.disconnect();
    return this.#spans.map(({ start, ms, usedMs }) => {
      const within = this.#pauses.filter((pause) => pause.start >= start && pause.start < start + ms);
      const pausesMs = within.reduce((sum, pause) => sum + pause.ms, 0);
      // In a pause the thread works or waits for its helpers; the smaller difference is the one without both.
      return { workMs: Math.max(0, Math.min(ms - pausesMs, usedMs)), pausesMs };
    });
  }
}
