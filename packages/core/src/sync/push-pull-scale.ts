/** Views up to this size exchange states at the configured interval. */
const SMALL_POOL = 32;

/**
 * The time between two push/pulls in a view of `n`: the interval up to 32, then a whole multiple that grows with the
 * logarithm, so that the load on the pool stays bounded (docs/protocol/memberlist.md, section 18).
 */
export function pushPullScaleMs(intervalMs: number, n: number): number {
  if (n <= SMALL_POOL) return intervalMs;
  return (Math.ceil(Math.log2(n) - Math.log2(SMALL_POOL)) + 1) * intervalMs;
}
