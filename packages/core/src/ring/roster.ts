import { murmur3 } from "./hash.ts";
import { RING_WEIGHT_MAX, RING_WEIGHT_MIN, type RingMember } from "./placement.ts";

const HIGH_SEED = 0x9e3779b9;

/**
 * The members of a ring in the one order that all nodes agree on, with their weights and hashes by index. The ring's name
 * goes into every hash, so that rings over the same members don't share their owners.
 */
export class Roster {
  readonly names: readonly string[];
  readonly weights: Float64Array;
  /** 64 bits of each member. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** 64 bits of the ring. */
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

  /** 32 bits of a key. */
  hashOf(key: string): number {
    return murmur3(key, this.ringLow);
  }
}

/** The order of the names' UTF-16 units, which no locale changes. */
export function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of a name that comes twice the greater weight counts, so that the order of members doesn't. */
function weightsByName(members: Iterable<RingMember>): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { name, weight = 1 } of members) {
    // False for NaN, too.
    if (!(weight > 0)) continue;
    const bounded = Math.min(Math.max(weight, RING_WEIGHT_MIN), RING_WEIGHT_MAX);
    weights.set(name, Math.max(weights.get(name) ?? 0, bounded));
  }
  return weights;
}
