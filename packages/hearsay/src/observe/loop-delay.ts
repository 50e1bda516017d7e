import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";

/** How late this process's event loop was since the last reading, in milliseconds. */
export interface LoopDelay {
  readonly meanMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/**
 * Measures how long the event loop keeps its tasks waiting. A node whose loop is late finds its peers silent, so this is
 * what tells its own fault from theirs.
 */
export class LoopDelayMonitor {
  readonly #resolutionMs: number;
  readonly #histogram: IntervalHistogram;

  /** @param resolutionMs How often it looks; delays shorter than that are not seen. @defaultValue 20 */
  constructor(resolutionMs = 20) {
    this.#resolutionMs = resolutionMs;
    this.#histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  }

  /** Starts measuring. It doesn't keep the process alive. */
  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** The delays since the last call, or since `start`. */
  read(): LoopDelay {
    const histogram = this.#histogram;
    const reading =
      histogram.count === 0
        ? { meanMs: 0, p99Ms: 0, maxMs: 0 }
        : {
            meanMs: this.#delayMs(histogram.mean),
            p99Ms: this.#delayMs(histogram.percentile(99)),
            maxMs: this.#delayMs(histogram.max),
          };
    histogram.reset();
    return reading;
  }

  /** The histogram has the time between two looks, which is the resolution even in a loop that is never late. */
  #delayMs(nanoseconds: number): number {
    return Math.max(0, nanoseconds / 1e6 - this.#resolutionMs);
  }
}
