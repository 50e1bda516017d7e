import { invariant } from "../base/invariant.ts";
import { mixed } from "./hash.ts";
import type { Placement, RingMember } from "./placement.ts";
import { Roster } from "./roster.ts";

/** Default number of points of a member of weight 1. Shares then differ by about 1/sqrt(128), 9 %. */
export const RING_POINTS_PER_WEIGHT = 128;

/** Most points of all members together, 8 bytes each. */
export const RING_POINTS_MAX = 4_194_304;

/** Positions of a ring: whole numbers from 0 to this - 1. */
export const RING_POSITIONS = 0x1_0000_0000;

/** Most members, plus one: a double holds the position and the member of a point while points are sorted. */
const MEMBERS_MAX = 0x20_0000;

export interface HashRingOptions {
  /**
   * Points on the ring for a weight of 1, 1 to 4,096. More points make shares more even and views slower to build. All
   * nodes must use the same value. It is halved until all points together are at most `RING_POINTS_MAX`.
   *
   * @defaultValue 128
   */
  readonly pointsPerWeight?: number;
}

/**
 * Consistent hashing: D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997, with virtual points by weight
 * as in G. DeCandia et al., "Dynamo", SOSP 2007. A key belongs to the first point at or after its position; the first
 * point of the ring follows the last. Finding an owner takes time logarithmic in the number of points.
 *
 * A member that leaves hands over its own keys and no others. A member that joins takes keys and moves no others. The
 * same holds for falling and rising weights. The load is not guaranteed to be even: see {@link BoundedRing}.
 */
export class HashRing implements Placement {
  /** Positions of the points, ascending, and the member that each belongs to. */
  readonly #positions: Uint32Array;
  readonly #owners: Uint32Array;
  readonly #roster: Roster;

  /** @throws RangeError if an option is out of bounds. */
  constructor(name: string, members: Iterable<RingMember>, { pointsPerWeight }: HashRingOptions = {}) {
    this.#roster = new Roster(name, members);
    const counts = pointCounts(this.#roster.weights, checkedPoints(pointsPerWeight ?? RING_POINTS_PER_WEIGHT));
    const points = sortedPoints(this.#roster, counts);
    this.#positions = Uint32Array.from(points, (point) => Math.floor(point / MEMBERS_MAX));
    this.#owners = Uint32Array.from(points, (point) => point % MEMBERS_MAX);
  }

  get members(): readonly string[] {
    return this.#roster.names;
  }

  /** The members' names and weights, and the hash of keys. */
  get roster(): Roster {
    return this.#roster;
  }

  /** The points' positions, ascending; read only. */
  get positions(): Uint32Array {
    return this.#positions;
  }

  owner(key: string): string | undefined {
    return this.ownerAt(this.positionOf(key));
  }

  owners(key: string, count: number): string[] {
    return this.ownersAt(this.positionOf(key), count);
  }

  /** The position of a key: 0 to `RING_POSITIONS` - 1. It depends on the ring's name, not on the members. */
  positionOf(key: string): number {
    return this.#roster.hashOf(key);
  }

  /** Like `owner`, for a position. */
  ownerAt(position: number): string | undefined {
    return this.members[this.memberAt(this.pointAt(position))];
  }

  /** Like `owners`, for a position. */
  ownersAt(position: number, count: number): string[] {
    const wanted = Math.min(count, this.members.length);
    const found = new Set<number>();
    const start = this.pointAt(position);
    for (let step = 0; found.size < wanted && step < this.#owners.length; step++)
      found.add(this.memberAt(start + step));
    return Array.from(found, (member) => this.members[member] ?? "");
  }

  /** The index of the point that a position belongs to. */
  pointAt(position: number): number {
    let low = 0;
    let high = this.#positions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#positions[middle] as number) < position) low = middle + 1;
      else high = middle;
    }
    return low === this.#positions.length ? 0 : low;
  }

  /** The index of the member that a point belongs to; -1 on an empty ring. Points wrap around. */
  memberAt(point: number): number {
    return this.#owners[point % this.#owners.length] ?? -1;
  }
}

function checkedPoints(perWeight: number): number {
  if (perWeight >= 1 && perWeight <= 4096) return perWeight;
  throw new RangeError(`pointsPerWeight is ${perWeight}, not 1 to 4096`);
}

/** The number of points of each member, at least one. */
function pointCounts(weights: Float64Array, perWeight: number): Uint32Array {
  invariant(weights.length < MEMBERS_MAX, "members of a ring beyond 2,097,151");
  const counts = Uint32Array.from(weights, (weight) => Math.max(1, Math.round(weight * perWeight)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total <= RING_POINTS_MAX ? counts : pointCounts(weights, perWeight / 2);
}

/**
 * Each point as position * 2^21 + member, so that sorting numbers sorts by both, and members that share a position have
 * the same order on every node. A member's points don't depend on their number, so a greater weight only adds points.
 */
function sortedPoints({ low, high }: Roster, counts: Uint32Array): Float64Array {
  const points = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const [member, count] of counts.entries()) {
    for (let i = 0; i < count; i++) {
      points[at++] = mixed(i, low[member] ?? 0, high[member] ?? 0) * MEMBERS_MAX + member;
    }
  }
  return points.sort();
}
