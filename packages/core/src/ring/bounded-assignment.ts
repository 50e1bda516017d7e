import { invariant } from "../base/invariant.ts";
import { mixed } from "./hash.ts";
import type { HashRing } from "./hash-ring.ts";
import { byUnits } from "./roster.ts";

/** The smallest and the largest epsilon of a bounded load. */
export const RING_EPSILON_MIN = 0.01;
export const RING_EPSILON_MAX = 10;

/**
 * Divides a set of keys that all nodes know (shards, jobs, topics) so that no member exceeds its share by more than
 * `epsilon`: it has at most ceil((1 + epsilon) * keys * weight / all weights). Consistent hashing with bounded loads:
 * V. Mirrokni, M. Thorup and M. Zadimoghaddam, SODA 2018. A key whose owner is full goes to the next member on the
 * ring.
 *
 * The same set gives the same division, whatever the order of its keys. A change of members or keys may also move other
 * keys, about 1/epsilon^2 for each key that must move; this is the price of the bound.
 *
 * @param epsilon 0.01 to 10. A smaller value makes loads more even and moves more keys.
 * @returns the owner of each key; an empty map if the ring is empty.
 * @throws RangeError if `epsilon` is out of bounds.
 */
export function boundedAssignment(ring: HashRing, keys: Iterable<string>, epsilon: number): Map<string, string> {
  if (ring.members.length === 0) return new Map();
  const { ringHigh } = ring.roster;
  const items = Array.from(new Set(keys), (key) => {
    const position = ring.positionOf(key);
    // The order in which keys fill up a member must not depend on their positions on the ring.
    return { key, position, turn: mixed(position, ringHigh, 0) };
  });
  items.sort((a, b) => a.turn - b.turn || byUnits(a.key, b.key));
  const positions = Uint32Array.from(items, ({ position }) => position);
  const members = assignInOrder(ring, positions, epsilon);
  return new Map(items.map(({ key }, index) => [key, ring.members[members[index] ?? -1] ?? ""]));
}

/** Like `boundedAssignment`, for positions in order of precedence. Returns the index of the member for each. */
export function assignInOrder(ring: HashRing, positions: Uint32Array, epsilon: number): Uint32Array {
  if (!(epsilon >= RING_EPSILON_MIN && epsilon <= RING_EPSILON_MAX)) {
    throw new RangeError(`epsilon is ${epsilon}, not ${RING_EPSILON_MIN} to ${RING_EPSILON_MAX}`);
  }
  const room = capacities(ring.roster.weights, positions.length, epsilon);
  const points = ring.positions.length;
  // For each point of a full member, a later point that may have room; for other points, the point itself.
  const next = Uint32Array.from({ length: points }, (_, point) => point);
  return positions.map((position) => {
    let point = ring.pointAt(position);
    for (let looked = 0; ; looked++) {
      // All capacities together exceed the number of keys, so some member has room.
      invariant(looked <= 2 * points, "no member of the ring has room");
      const after = next[point] as number;
      if (after !== point) {
        // Path halving: shortens the way for later searches.
        next[point] = next[after] as number;
        point = after;
        continue;
      }
      const member = ring.memberAt(point);
      const left = room[member] as number;
      if (left > 0) {
        room[member] = left - 1;
        return member;
      }
      next[point] = (point + 1) % points;
    }
  });
}

/** The most of `count` keys that each member may own. */
export function capacities(weights: Float64Array, count: number, epsilon: number): Uint32Array {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return Uint32Array.from(weights, (weight) => Math.ceil(((1 + epsilon) * count * weight) / all));
}
