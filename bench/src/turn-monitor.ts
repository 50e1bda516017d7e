import { stopwatch } from "./meter.ts";

/** Turns shorter than this have nothing to do with the work that is looked at. */
const BUSY_MS = 0.2;

/** Measures every turn of the event loop, from one `setImmediate` to the next: so long may a packet have to wait. */
export class TurnMonitor {
  #turns: number[] = [];
  #isRunning = false;

  /** Starts to keep the loop turning, which costs a processor until `stop`. */
  start(): void {
    this.#turns = [];
    this.#isRunning = true;
    let elapsed = stopwatch();
    const turn = (): void => {
      const took = elapsed();
      if (took >= BUSY_MS) this.#turns.push(took);
      elapsed = stopwatch();
      if (this.#isRunning) setImmediate(turn);
    };
    setImmediate(turn);
  }

  /** Milliseconds of each turn that had something to do. */
  stop(): number[] {
    this.#isRunning = false;
    return this.#turns;
  }
}
