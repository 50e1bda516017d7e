import { murmur3 } from "./hash.ts";
import { RING_WEIGHT_MAX, RING_WEIGHT_MIN, type RingMember } from "./placement.ts";

const HIGH_SEED = 0x9e3779b9;

/**
 * The members of a ring in an order that is the same on all nodes, with their weights and hashes by index. Every hash
 * includes the ring's name, so that rings with the same members have different owners.
 */
export class Roster {
  readonly names: readonly string[];
  readonly weights: Float64Array;
  /** The 64-bit hash of each member. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** The 64-bit hash of the ring. */
  readonly ringLow: number;
  readonly ringHigh: number;

  constructor(ring: string, members: Iterable<RingMember>) {
    const weights = weightsByName(members);
    this.names = [...weights.keys()].sort(byUnits);
    this.ringLow = murmur3(ring, 0);
    this.ringHigh = murmur3(ring, HIGH_SEED);
    this.weights = Float64Array.from(this.names, (name) => weights.get(name) ?? 0);
    this.low = Uint32Array.from(this.names, (name) => murmur3(name, this.ringLow));
    this.high = Uint32Array.from(this.names, (name) => murmur3(name, this.ringHigh));
  }

  /** The 32-bit hash of a key. */
  hashOf(key: string): number {
    return murmur3(key, this.ringLow);
  }
}

/** Compares by UTF-16 units, independent of the locale. */
export function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The greatest weight of a duplicate name counts, so that the order of members doesn't matter. */
function weightsByName(members: Iterable<RingMember>): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { name, weight = 1 } of members) {
    // NaN fails the comparison too.
    if (!(weight > 0)) continue;
    const bounded = Math.min(Math.max(weight, RING_WEIGHT_MIN), RING_WEIGHT_MAX);
    weights.set(name, Math.max(weights.get(name) ?? 0, bounded));
  }
  return weights;
}
