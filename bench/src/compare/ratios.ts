/** A median and its confidence interval. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The least confidence of an interval. */
export const CONFIDENCE = 0.95;

/** With fewer values even the least and the greatest don't enclose the median with that confidence. */
export const PAIRS_MIN = 6;

/** With slightly more values, the chance that all fall on one side underflows a number. */
export const PAIRS_MAX = 1000;

/**
 * The median and its confidence interval for any distribution: two of the values. The true median lies below the k-th
 * of n values only if fewer than k of them fell below it, each with a chance of one half.
 *
 * @throws RangeError for fewer than {@link PAIRS_MIN} values, or more than {@link PAIRS_MAX}
 */
export function medianInterval(values: readonly number[]): Interval {
  if (values.length > PAIRS_MAX) throw new RangeError(`${values.length} values; ${PAIRS_MAX} are the most`);
  const sorted = [...values].sort((a, b) => a - b);
  const rank = intervalRank(sorted.length);
  const low = sorted[rank - 1];
  const high = sorted[sorted.length - rank];
  if (low === undefined || high === undefined) throw new RangeError(`${values.length} values; ${PAIRS_MIN} are needed`);
  return { median: middle(sorted), low, high };
}

/** The greatest k for which the k-th least and the k-th greatest of n values enclose the median; 0 if there is none. */
export function intervalRank(count: number): number {
  let rank = 0;
  // The chance that exactly `rank` of `count` values fall below the median, and the chance that at most so many do.
  let chance = 0.5 ** count;
  let below = chance;
  while (2 * below <= 1 - CONFIDENCE) {
    rank++;
    chance *= (count - rank + 1) / rank;
    below += chance;
  }
  return rank;
}

/** `ours` divided by `theirs`; 1 if both are 0. */
export function ratioOf(ours: number, theirs: number): number {
  return ours === theirs ? 1 : ours / theirs;
}

function middle(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  // Both may be infinite, so equal values are not added.
  const lower = sorted[sorted.length % 2 === 0 ? half - 1 : half] ?? Number.NaN;
  return lower === upper ? upper : (lower + upper) / 2;
}
