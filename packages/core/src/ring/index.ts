/**
 * Computes the owners of a key from a view of the members alone: three placements with one interface, and the changes
 * of owners between two views.
 */
export { boundedAssignment, RING_EPSILON_MAX, RING_EPSILON_MIN } from "./bounded-assignment.ts";
export {
  BoundedRing,
  type BoundedRingOptions,
  RING_EPSILON,
  RING_PARTITIONS,
  RING_PARTITIONS_MAX,
} from "./bounded-ring.ts";
export {
  type HandOver,
  handOverOfKeys,
  handOverOfPartitions,
  handOverOfRanges,
  type KeyHandOver,
  type PartitionHandOver,
  type RangeHandOver,
} from "./hand-over.ts";
export {
  HashRing,
  type HashRingOptions,
  RING_POINTS_MAX,
  RING_POINTS_PER_WEIGHT,
  RING_POSITIONS,
} from "./hash-ring.ts";
export { type Placement, RING_WEIGHT_MAX, RING_WEIGHT_MIN, type RingMember } from "./placement.ts";
export { Rendezvous } from "./rendezvous.ts";
