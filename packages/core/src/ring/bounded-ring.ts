import { assignInOrder, capacities } from "./bounded-assignment.ts";
import { mixed } from "./hash.ts";
import { HashRing, type HashRingOptions, RING_POSITIONS } from "./hash-ring.ts";
import type { Placement, RingMember } from "./placement.ts";

/** Partitions of a ring with bounded load, unless told otherwise, and at most. */
export const RING_PARTITIONS = 4096;
export const RING_PARTITIONS_MAX = 65_536;

/** How far a load may exceed its share, unless told otherwise. */
export const RING_EPSILON = 0.25;

export interface BoundedRingOptions extends HashRingOptions {
  /** Into how many partitions the keys fall, 1 to 65,536; some ten for each member, or more. @defaultValue 4096 */
  readonly partitions?: number;
  /** By how much a member's partitions may exceed its share, 0.01 to 10. Less moves more. @defaultValue 0.25 */
  readonly epsilon?: number;
}

/**
 * Consistent hashing with bounded load for keys that nobody can list: they fall into a fixed number of partitions, and
 * those are divided as `boundedAssignment` divides keys. No member owns more partitions than `capacityOf` it.
 *
 * Unlike with {@link HashRing} and {@link Rendezvous}, a change of members may move keys between members that stay. The
 * bound is on first owners; copies go to the next members on the ring, whatever they own.
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

  /** The partition that a key falls into: 0 to `partitions` - 1. The ring's name and their number decide it. */
  partitionOf(key: string): number {
    return Math.floor((this.#ring.positionOf(key) * this.partitions) / RING_POSITIONS);
  }

  /** As `owners`, for a partition. */
  partitionOwners(partition: number, count: number): string[] {
    const first = this.members[this.#owners[partition] ?? -1];
    if (first === undefined || !(count >= 1)) return [];
    const others = this.#ring.ownersAt(this.#positionOf(partition), count).filter((name) => name !== first);
    return [first, ...others].slice(0, count);
  }

  /** The most partitions that a member may own: ceil((1 + epsilon) * partitions * weight / all weights); 0 for strangers. */
  capacityOf(member: string): number {
    return this.#capacities[this.members.indexOf(member)] ?? 0;
  }

  #positionOf(partition: number): number {
    return mixed(partition, this.#ring.roster.ringLow, this.#ring.roster.ringHigh);
  }
}
