/** How late this process's event loop was in the last minute, in milliseconds. */
export interface LoopDelay {
  readonly meanMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Samples older than `SLICES` slices of `SLICE_MS` are dropped: one slice more than a minute. */
const SLICES = 7;
const SLICE_MS = 10_000;

/** Upper bounds of the buckets: 1 ms, then each a quarter more than the one before, up to about 56 s. */
const BOUNDS_MS: readonly number[] = Array.from({ length: 50 }, (_, i) => 1.25 ** i);

interface Slice {
  /** The slice's number, by time; -1 for none. */
  number: number;
  counts: Uint32Array;
  count: number;
  sumMs: number;
  maxMs: number;
}

/**
 * How late a node met its deadlines, for which its timer fires anyway. A node whose loop is late sees its peers as
 * silent; this delay tells its own fault from theirs. Reading has no side effects, so there can be any number of
 * readers.
 *
 * An idle node has six to ten deadlines per second. A block of the loop that is longer than the time between two
 * deadlines is always seen, by the part of it after the deadline; a shorter one may fall between them.
 */
export class LoopDelayWindow {
  readonly #slices: readonly Slice[] = Array.from({ length: SLICES }, () => ({
    number: -1,
    counts: new Uint32Array(BOUNDS_MS.length + 1),
    count: 0,
    sumMs: 0,
    maxMs: 0,
  }));

  /** Records that a deadline was met `lateMs` late. `now` is monotonic. */
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
