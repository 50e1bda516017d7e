/** How late this process's event loop was in the last minute, in milliseconds. */
export interface LoopDelay {
  readonly meanMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** What is older than so many slices of so many milliseconds is forgotten: one more slice than a minute has. */
const SLICES = 7;
const SLICE_MS = 10_000;

/** Bounds of the buckets: 1 ms, and each a quarter more than the one before, up to some 50 s. */
const BOUNDS_MS: readonly number[] = Array.from({ length: 50 }, (_, i) => 1.25 ** i);

interface Slice {
  /** Which slice of all time it is; -1 for none. */
  number: number;
  counts: Uint32Array;
  count: number;
  sumMs: number;
  maxMs: number;
}

/**
 * How late a node met its deadlines, for which its timer fires anyway. A node whose loop is late finds its peers silent, so
 * this is what tells its own fault from theirs. Reading changes nothing, so there can be any number of readers.
 *
 * An idle node has six to ten deadlines in a second. A loop that is blocked for longer than the time between two of them is
 * always seen, by what was left of the block when the deadline came; a shorter block may fall between them.
 */
export class LoopDelayWindow {
  readonly #slices: readonly Slice[] = Array.from({ length: SLICES }, () => ({
    number: -1,
    counts: new Uint32Array(BOUNDS_MS.length + 1),
    count: 0,
    sumMs: 0,
    maxMs: 0,
  }));

  /** A deadline was met so many milliseconds late. `now` is monotonic. */
  note(now: number, lateMs: number): void {
    const slice = this.#sliceOf(Math.floor(now / SLICE_MS));
    const index = BOUNDS_MS.findIndex((bound) => lateMs <= bound);
    const bucket = index === -1 ? BOUNDS_MS.length : index;
    slice.counts[bucket] = (slice.counts[bucket] ?? 0) + 1;
    slice.count++;
    slice.sumMs += lateMs;
    slice.maxMs = Math.max(slice.maxMs, lateMs);
  }

  /** The delays of the last minute. */
  read(now: number): LoopDelay {
    const latest = Math.floor(now / SLICE_MS);
    const current = this.#slices.filter(({ number }) => number > latest - SLICES && number <= latest);
    const count = sum(current, (slice) => slice.count);
    if (count === 0) return { meanMs: 0, p99Ms: 0, maxMs: 0 };
    const maxMs = Math.max(...current.map((slice) => slice.maxMs));
    const rank = Math.ceil(0.99 * count);
    let below = 0;
    const bucket = BOUNDS_MS.findIndex((_, i) => {
      below += sum(current, ({ counts }) => counts[i] ?? 0);
      return below >= rank;
    });
    return {
      meanMs: sum(current, (slice) => slice.sumMs) / count,
      p99Ms: Math.min(maxMs, BOUNDS_MS[bucket] ?? maxMs),
      maxMs,
    };
  }

  #sliceOf(number: number): Slice {
    const slice = this.#slices[number % SLICES] as Slice;
    if (slice.number !== number) {
      slice.number = number;
      slice.counts.fill(0);
      slice.count = 0;
      slice.sumMs = 0;
      slice.maxMs = 0;
    }
    return slice;
  }
}

function sum(slices: readonly Slice[], value: (slice: Slice) => number): number {
  return slices.reduce((total, slice) => total + value(slice), 0);
}
