import { invariant } from "../base/invariant.ts";

/** A timer of `VirtualClock.at`, for `cancel`. */
export interface VirtualTimer {
  /** When it runs, in milliseconds of virtual time. */
  readonly at: number;
  /** False once it has run or was cancelled. */
  readonly isPending: boolean;
}

/**
 * Virtual time, which passes only on request, and its timers.
 *
 * Timers that are due at the same time run in the order in which they were added, so that the same seed gives the same
 * run. The clock never awaits: a caller whose code uses promises lets them settle between two calls of `runNext`.
 */
export class VirtualClock {
  #now: number;
  #entered = 0;
  #size = 0;
  #cancelled = 0;
  // A binary heap in three columns. It is fast because it compares adjacent numbers.
  #times: Float64Array = new Float64Array(64);
  #orders: Float64Array = new Float64Array(64);
  #timers: Timer[] = [];

  /** Starts at `now` milliseconds. @defaultValue 0 */
  constructor(now = 0) {
    this.#now = now;
  }

  /** Virtual milliseconds. */
  now(): number {
    return this.#now;
  }

  /** How many timers have neither run nor been cancelled. */
  get pending(): number {
    return this.#size - this.#cancelled;
  }

  /** When the next timer is due; `Infinity` when there is none. */
  nextAt(): number {
    this.#dropCancelled();
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  /** Runs `run` at `time`; if that has passed already, now, after all other timers due now. */
  at(time: number, run: () => void): VirtualTimer {
    invariant(Number.isFinite(time), "a virtual timer needs a finite time");
    const timer = new Timer(time < this.#now ? this.#now : time, run);
    if (this.#size === this.#times.length) this.#grow();
    this.#siftUp(this.#size++, timer.at, this.#entered++, timer);
    return timer;
  }

  /** Cancels a timer. No effect on one that has run. */
  cancel(timer: VirtualTimer): void {
    if (!(timer instanceof Timer) || timer.run === null) return;
    timer.run = null;
    this.#cancelled++;
    // Cancelled timers stay in the heap until they come up. A sweep keeps them from being most of it.
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#size) this.#sweep();
  }

  /** Advances to the next timer and runs it. False, without advancing, if there is none. */
  runNext(): boolean {
    this.#dropCancelled();
    if (this.#size === 0) return false;
    const timer = this.#timers[0] as Timer;
    this.#now = timer.at;
    this.#pop();
    const run = timer.run as () => void;
    timer.run = null;
    run();
    return true;
  }

  /** Runs all timers due up to `time`, also those added meanwhile, and advances to `time`. */
  runUntil(time: number): void {
    while (this.nextAt() <= time) this.runNext();
    if (time > this.#now) this.#now = time;
  }

  #dropCancelled(): void {
    while (this.#size > 0 && (this.#timers[0] as Timer).run === null) {
      this.#pop();
      this.#cancelled--;
    }
  }

  #sweep(): void {
    let kept = 0;
    for (let i = 0; i < this.#size; i++) {
      if ((this.#timers[i] as Timer).run === null) continue;
      this.#copy(i, kept++);
    }
    this.#timers.length = kept;
    this.#size = kept;
    this.#cancelled = 0;
    for (let i = (kept >> 1) - 1; i >= 0; i--) this.#siftDown(i, i);
  }

  #pop(): void {
    this.#size--;
    if (this.#size > 0) this.#siftDown(0, this.#size);
    this.#timers.pop();
  }

  #siftUp(from: number, time: number, order: number, timer: Timer): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      // A new timer has the highest order of all, so it stays below timers of the same time.
      if ((this.#times[parent] as number) <= time) break;
      this.#copy(parent, index);
      index = parent;
    }
    this.#write(index, time, order, timer);
  }

  /** Moves the entry at `from` into `hole` and down to its place in the heap. */
  #siftDown(hole: number, from: number): void {
    const times = this.#times;
    const orders = this.#orders;
    const time = times[from] as number;
    const order = orders[from] as number;
    const timer = this.#timers[from] as Timer;
    let index = hole;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#isBefore(child + 1, times[child] as number, orders[child] as number)) child++;
      if (!this.#isBefore(child, time, order)) break;
      this.#copy(child, index);
      index = child;
    }
    this.#write(index, time, order, timer);
  }

  #isBefore(index: number, time: number, order: number): boolean {
    const at = this.#times[index] as number;
    return at < time || (at === time && (this.#orders[index] as number) < order);
  }

  #copy(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number;
    this.#orders[to] = this.#orders[from] as number;
    this.#timers[to] = this.#timers[from] as Timer;
  }

  #write(index: number, time: number, order: number, timer: Timer): void {
    this.#times[index] = time;
    this.#orders[index] = order;
    this.#timers[index] = timer;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    this.#times = times;
    const orders = new Float64Array(times.length);
    orders.set(this.#orders);
    this.#orders = orders;
  }
}

class Timer implements VirtualTimer {
  readonly at: number;
  /** Null once it has run or was cancelled. */
  run: (() => void) | null;

  constructor(at: number, run: () => void) {
    this.at = at;
    this.run = run;
  }

  get isPending(): boolean {
    return this.run !== null;
  }
}
