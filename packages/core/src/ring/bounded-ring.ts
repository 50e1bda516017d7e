import { assignInOrder, capacities } from "./bounded-assignment.ts";
import { mixed } from "./hash.ts";
import { HashRing, type HashRingOptions, RING_POSITIONS } from "./hash-ring.ts";
import type { Placement, RingMember } from "./placement.ts";

/** The default and the largest number of partitions of a ring with bounded load. */
export const RING_PARTITIONS = 4096;
export const RING_PARTITIONS_MAX = 65_536;

/** By default, how far a load may exceed its share. */
export const RING_EPSILON = 0.25;

export interface BoundedRingOptions extends HashRingOptions {
  /** Number of partitions, 1 to 65,536; there should be ten or more for each member. @defaultValue 4096 */
  readonly partitions?: number;
  /** How far a member may exceed its share of partitions, 0.01 to 10. A smaller value moves more. @defaultValue 0.25 */
  readonly epsilon?: number;
}

/**
 * Consistent hashing with bounded load for keys that cannot be listed. The keys fall into a fixed number of partitions,
 * which are divided as `boundedAssignment` divides keys. No member owns more partitions than its `capacityOf`.
 *
 * Unlike with {@link HashRing} and {@link Rendezvous}, a change of members may move keys between members that stay. The
 * bound applies to first owners only; copies go to the next members on the ring, whatever those own.
 */
export class BoundedRing implements Placement {
  /** Number of partitions. */
  readonly partitions: number;
  readonly #ring: HashRing;
  /** The member of each partition. */
  readonly #owners: Uint32Array;
  readonly #capacities: Uint32Array;

  /** @throws RangeError if an option is out of bounds. */
  constructor(name: string, members: Iterable<RingMember>, options: BoundedRingOptions = {}) {
    const { partitions = RING_PARTITIONS, epsilon = RING_EPSILON } = options;
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > RING_PARTITIONS_MAX) {
      throw new RangeError(`partitions is ${partitions}, not a whole number from 1 to ${RING_PARTITIONS_MAX}`);
    }
    this.partitions = partitions;
    this.#ring = new HashRing(name, members, options);
    const positions = Uint32Array.from({ length: partitions }, (_, partition) => this.#positionOf(partition));
    const isEmpty = this.members.length === 0;
    this.#owners = assignInOrder(this.#ring, isEmpty ? new Uint32Array(0) : positions, epsilon);
    this.#capacities = capacities(this.#ring.roster.weights, partitions, epsilon);
  }

  get members(): readonly string[] {
    return this.#ring.members;
  }

  owner(key: string): string | undefined {
    return this.members[this.#owners[this.partitionOf(key)] ?? -1];
  }

  owners(key: string, count: number): string[] {
    return this.partitionOwners(this.partitionOf(key), count);
  }

  /** The partition of a key: 0 to `partitions` - 1. It depends on the ring's name and the number of partitions. */
  partitionOf(key: string): number {
    return Math.floor((this.#ring.positionOf(key) * this.partitions) / RING_POSITIONS);
  }

  /** Like `owners`, for a partition. */
  partitionOwners(partition: number, count: number): string[] {
    const first = this.members[this.#owners[partition] ?? -1];
    if (first === undefined || !(count >= 1)) return [];
    const others = this.#ring.ownersAt(this.#positionOf(partition), count).filter((name) => name !== first);
    return [first, ...others].slice(0, count);
  }

  /** Most partitions of a member: ceil((1 + epsilon) * partitions * weight / all weights); 0 if it is unknown. */
  capacityOf(member: string): number {
    return this.#capacities[this.members.indexOf(member)] ?? 0;
  }

  #positionOf(partition: number): number {
    return mixed(partition, this.#ring.roster.ringLow, this.#ring.roster.ringHigh);
  }
}
