import { TurnMonitor } from "./turn-monitor.ts";

/** The load of a process's loop and memory, from `begin` to `end`. */
export interface Load {
  /** Work of the longest turn of the loop: processor time, without the collector's pauses. */
  readonly longestTurnMs: number;
  /** The same for all busy turns. */
  readonly allTurnsMs: number;
  /** The collector's pauses in the turn that had most of them. */
  readonly pausesMs: number;
  readonly rssPeakMib: number;
}

const MIB = 1024 ** 2;

/** The interval between checks of the resident memory. */
const SAMPLE_MS = 20;

/** Measures the load of its own process. */
export class LoadMonitor {
  readonly #turns: TurnMonitor = new TurnMonitor();
  readonly #sampler: NodeJS.Timeout = setInterval(() => {
    this.#rssPeak = Math.max(this.#rssPeak, process.memoryUsage.rss());
  }, SAMPLE_MS);
  #rssPeak = 0;

  begin(): void {
    this.#rssPeak = 0;
    this.#turns.start();
  }

  end(): Load {
    const turns = this.#turns.stop();
    return {
      longestTurnMs: Math.max(0, ...turns.map(({ workMs }) => workMs)),
      allTurnsMs: turns.reduce((sum, { workMs }) => sum + workMs, 0),
      pausesMs: Math.max(0, ...turns.map(({ pausesMs }) => pausesMs)),
      rssPeakMib: this.#rssPeak / MIB,
    };
  }

  /** Stops measuring, so that the process can end. */
  close(): void {
    clearInterval(this.#sampler);
  }
}
