import type { BoundedRing } from "./bounded-ring.ts";
import { type HashRing, RING_POSITIONS } from "./hash-ring.ts";
import type { Placement } from "./placement.ts";

/** A change of owners between two views of a ring. */
export interface HandOver {
  /** Former owners that own it no longer, by former rank. Empty if only copies are added, or there was no owner. */
  readonly from: readonly string[];
  /** New owners that did not own it before, by rank. Empty if only copies are removed, or there is no owner. */
  readonly to: readonly string[];
}

export interface KeyHandOver extends HandOver {
  readonly key: string;
}

/** All keys with positions from `first` to `last`, both included (`HashRing.positionOf`). */
export interface RangeHandOver extends HandOver {
  readonly first: number;
  readonly last: number;
}

export interface PartitionHandOver extends HandOver {
  readonly partition: number;
}

/** The `keys` whose owners differ between `before` and `after`, in the order of `keys`. Each has `copies` owners. */
export function handOverOfKeys(before: Placement, after: Placement, keys: Iterable<string>, copies = 1): KeyHandOver[] {
  const moves: KeyHandOver[] = [];
  for (const key of keys) {
    const move = handOver(before.owners(key, copies), after.owners(key, copies));
    if (move !== null) moves.push({ key, ...move });
  }
  return moves;
}

/**
 * The same for all possible keys: ranges of positions in ascending order, as long as possible and without overlap. It
 * looks up the points of both views in both views.
 *
 * @throws RangeError if the two are rings of different names, which have no positions in common.
 */
export function handOverOfRanges(before: HashRing, after: HashRing, copies = 1): RangeHandOver[] {
  const [one, other] = [before.roster, after.roster];
  if (one.ringLow !== other.ringLow || one.ringHigh !== other.ringHigh) {
    throw new RangeError("views of different rings have no positions in common");
  }
  const moves: RangeHandOver[] = [];
  let first = 0;
  for (const last of boundaries(before.positions, after.positions)) {
    const move = handOver(before.ownersAt(last, copies), after.ownersAt(last, copies));
    const previous = moves.at(-1);
    if (move !== null && previous?.last === first - 1 && isSame(previous, move)) {
      moves[moves.length - 1] = { ...previous, last };
    } else if (move !== null) {
      moves.push({ first, last, ...move });
    }
    first = last + 1;
  }
  return moves;
}

/**
 * The same for partitions, in ascending order.
 *
 * @throws RangeError if the two have different numbers of partitions.
 */
export function handOverOfPartitions(before: BoundedRing, after: BoundedRing, copies = 1): PartitionHandOver[] {
  if (before.partitions !== after.partitions) throw new RangeError("views with different numbers of partitions");
  const moves: PartitionHandOver[] = [];
  for (let partition = 0; partition < before.partitions; partition++) {
    const move = handOver(before.partitionOwners(partition, copies), after.partitionOwners(partition, copies));
    if (move !== null) moves.push({ partition, ...move });
  }
  return moves;
}

/** Null if the owners are the same, in any order. */
function handOver(before: readonly string[], after: readonly string[]): HandOver | null {
  const from = before.filter((name) => !after.includes(name));
  const to = after.filter((name) => !before.includes(name));
  return from.length === 0 && to.length === 0 ? null : { from, to };
}

function isSame(one: HandOver, other: HandOver): boolean {
  return hasSame(one.from, other.from) && hasSame(one.to, other.to);
}

function hasSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

/** The positions at which the owners of either view may change, ascending and distinct; the ring's end is the last. */
function* boundaries(one: Uint32Array, other: Uint32Array): Generator<number> {
  let [i, j] = [0, 0];
  let last = -1;
  while (i < one.length || j < other.length) {
    const [a, b] = [one[i] ?? Infinity, other[j] ?? Infinity];
    const position = Math.min(a, b);
    if (a === position) i++;
    if (b === position) j++;
    if (position > last) yield position;
    last = position;
  }
  if (last < RING_POSITIONS - 1) yield RING_POSITIONS - 1;
}
