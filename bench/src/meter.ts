import { collectGarbage } from "./collect-garbage.ts";
import type { Figure } from "./figures.ts";
import { percentile } from "./rows.ts";
import { stopwatch } from "./thread-time.ts";

const RUNS = 5;
const RUN_MS = 5;
const WARM_UP_ROUNDS = 4;
/** For work that needs a new subject each time. */
const SINGLE_RUNS = 3;

/** A small part of the process's young generation, so that few runs include a collection. */
const GARBAGE_BYTES_MAX = 4 * 1024 * 1024;
const GARBAGE_OPERATIONS_MAX = 20_000;

/** Sums the results of operations, so that the compiler can't remove them. */
let sink = 0;

/** Measures one of an operation's two costs: time, or garbage in the heap and in array buffers. */
export class Meter {
  readonly #what: "time" | "garbage";

  constructor(what: "time" | "garbage") {
    this.#what = what;
  }

  /**
   * Measures an operation that is short compared with a run. `op` returns a number that depends on its work.
   *
   * @param per into how many parts its cost is divided
   */
  measure(name: string, op: () => number, per = 1): Figure {
    const cost = this.#what === "time" ? timeOf(op) : garbageOfMany(op);
    return this.#figure(name, cost / per);
  }

  /** Measures one call that needs a new subject each time, which `prepare` makes outside the measurement. */
  measureOnce<T>(name: string, prepare: () => T, op: (subject: T) => number, per: number): Figure {
    for (let i = 0; i < 2; i++) sink += op(prepare());
    const costs: number[] = [];
    for (let i = 0; i < SINGLE_RUNS; i++) {
      const subject = prepare();
      collect();
      costs.push(this.#what === "time" ? timed(() => op(subject), 1) * 1e6 : garbageOf(() => op(subject), 1));
    }
    return this.#figure(name, percentile(costs, 50) / per);
  }

  #figure(name: string, cost: number): Figure {
    if (this.#what === "time") return { name, unit: "ns", value: cost };
    return { name: `${name}, garbage`, unit: "B", value: Math.max(0, Math.round(cost)) };
  }
}

/** Heap and array buffers in use, in bytes. */
export function heapBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Collects all garbage now. */
export function collect(): void {
  // Array buffers are freed some time after a collection; the next collection waits for that.
  collectGarbage();
  collectGarbage();
}

/** Whether the sum of the results is finite; reading it prevents the removal of the work. */
export function kept(): boolean {
  return Number.isFinite(sink);
}

/** Nanoseconds of one operation: the median of several runs. */
function timeOf(op: () => number): number {
  let count = 16;
  // Several rounds, since the first ones measure the interpreter, with the compiler at work beside it.
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    count = 16;
    while (timed(op, count) < RUN_MS / 2) count *= 2;
  }
  const runs = Array.from({ length: RUNS }, () => (timed(op, 2 * count) * 1e6) / (2 * count));
  return percentile(runs, 50);
}

/** Bytes of one operation, after the compiler has optimized it. The median excludes the runs with a collection. */
function garbageOfMany(op: () => number): number {
  timeOf(op);
  const guess = percentile(
    Array.from({ length: RUNS }, () => garbageOf(op, 1)),
    50,
  );
  const fitting = Math.floor(GARBAGE_BYTES_MAX / Math.max(64, guess));
  const count = Math.max(1, Math.min(GARBAGE_OPERATIONS_MAX, fitting));
  const runs = Array.from({ length: RUNS }, () => garbageOf(op, count) / count);
  return percentile(runs, 50);
}

function timed(op: () => number, count: number): number {
  let sum = 0;
  const elapsed = stopwatch();
  for (let i = 0; i < count; i++) sum += op();
  const took = elapsed();
  sink += sum;
  return took;
}

function garbageOf(op: () => number, count: number): number {
  const before = heapBytes();
  let sum = 0;
  for (let i = 0; i < count; i++) sum += op();
  sink += sum;
  return heapBytes() - before;
}
