import { type Row, row } from "./rows.ts";
import { stopwatch } from "./thread-time.ts";

/** What one operation costs, once per run. */
export interface Cost {
  readonly ns: readonly number[];
  /** Bytes of garbage, in the heap and in array buffers. */
  readonly garbage: readonly number[];
}

/** How long and how often to measure. */
export interface Effort {
  readonly runs: number;
  readonly runMs: number;
}

export const FULL: Effort = { runs: 9, runMs: 120 };
export const QUICK: Effort = { runs: 3, runMs: 25 };

/** So much garbage fits into the young generation that the npm script asks for, so that no collection falls in. */
const GARBAGE_BYTES_MAX = 48 * 1024 * 1024;

/** Whatever operations return ends up here, so that the compiler can't leave them out. */
let sink = 0;

/** Measures an operation that is short against a run. `op` returns a number that depends on its work. */
export function measure(effort: Effort, op: () => number): Cost {
  let count = 16;
  // Twice over, since the first time measures the interpreter.
  for (let round = 0; round < 2; round++) {
    count = 16;
    while (timed(op, count) < effort.runMs / 4) count *= 2;
  }
  count *= 4;
  const ns: number[] = [];
  for (let i = 0; i < effort.runs; i++) ns.push((timed(op, count) * 1e6) / count);
  const guess = garbageOf(op, Math.min(count, 200)) / Math.min(count, 200);
  const fitting = Math.floor(GARBAGE_BYTES_MAX / Math.max(64, guess));
  const each = Math.max(1, Math.min(count, 50_000, fitting));
  const garbage: number[] = [];
  for (let i = 0; i < effort.runs; i++) garbage.push(garbageOf(op, each) / each);
  return { ns, garbage };
}

/** Measures one call that each time needs something new to work on, made by `prepare` outside the measurement. */
export function measureOnce<T>(effort: Effort, prepare: () => T, op: (subject: T) => number): Cost {
  for (let i = 0; i < 5; i++) sink += op(prepare());
  const ns: number[] = [];
  const garbage: number[] = [];
  for (let i = 0; i < 2 * effort.runs; i++) {
    const subject = prepare();
    collect();
    const before = heapBytes();
    const elapsed = stopwatch();
    sink += op(subject);
    ns.push(elapsed() * 1e6);
    garbage.push(heapBytes() - before);
  }
  return { ns, garbage };
}

/** A row for the time and one for the garbage, each over `per` operations. */
export function costRows(name: string, cost: Cost, peer?: Cost, per = 1): Row[] {
  const each = (values: readonly number[]): number[] => values.map((value) => value / per);
  return [
    row("micro", name, "ns", each(cost.ns), peer?.ns),
    row("micro", `${name}, garbage`, "B", each(cost.garbage), peer?.garbage),
  ];
}

/** Heap and array buffers in use, in bytes. */
export function heapBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Collects all garbage now. */
export function collect(): void {
  if (globalThis.gc === undefined) throw new Error("garbage can't be measured without --expose-gc: use npm run bench");
  // Array buffers are freed some time after a collection; the next one waits for that.
  globalThis.gc();
  globalThis.gc();
}

/** Whether a sum of results came out at all; reading it is what keeps the work from being left out. */
export function kept(): boolean {
  return Number.isFinite(sink);
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
  collect();
  const before = heapBytes();
  let sum = 0;
  for (let i = 0; i < count; i++) sum += op();
  sink += sum;
  return heapBytes() - before;
}
