/** A median, with limits between which it lies with the stated confidence. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** How sure an interval is, at least. */
export const CONFIDENCE = 0.95;

/** With fewer values not even the least and the greatest hold the median between them with that confidence. */
export const PAIRS_MIN = 6;

/** With a few more the chance that all fall on one side is too small for a number. */
export const PAIRS_MAX = 1000;

/**
 * The median and its confidence interval, whatever the distribution: two of the values themselves. The median of what they
 * were drawn from lies below the k-th of n only if fewer than k of them fell below it, each by the toss of a coin.
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

/** The greatest k so that the k-th least and the k-th greatest of n values hold the median between them; 0 for none. */
export function intervalRank(count: number): number {
  let rank = 0;
  // The chance that exactly `rank` of `count` values fall below the median, and that at most so many do.
  let chance = 0.5 ** count;
  let below = chance;
  while (2 * below <= 1 - CONFIDENCE) {
    rank++;
    chance *= (count - rank + 1) / rank;
    below += chance;
  }
  return rank;
}

/** What `ours` is of `theirs`; 1 where both are nothing. */
export function ratioOf(ours: number, theirs: number): number {
  return ours === theirs ? 1 : ours / theirs;
}

function middle(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  // Between equals, which may both be infinite.
  const lower = sorted[sorted.length % 2 === 0 ? half - 1 : half] ?? Number.NaN;
  return lower === upper ? upper : (lower + upper) / 2;
}
