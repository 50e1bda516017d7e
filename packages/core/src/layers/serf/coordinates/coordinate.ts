/**
 * Where a node lies in Serf's space of round-trip times (docs/protocol/serf.md, section 14). Never changed in place: an
 * update makes a new one.
 *
 * Distances in that space estimate round-trip times without measuring them: F. Dabek, R. Cox, F. Kaashoek and R. Morris,
 * "Vivaldi: A Decentralized Network Coordinate System", SIGCOMM 2004.
 */
export interface Coordinate {
  /** The Euclidean part, in seconds. */
  readonly vec: readonly number[];
  /** How little the node trusts its place, relative and without unit: 1.5 at the start, towards 0 as it learns. */
  readonly error: number;
  /** What is added to each estimate, in seconds; may be negative (Lee, Zhang, Sahu and Saha, SIGMETRICS 2006). */
  readonly adjustment: number;
  /** The way from the node to where the space is Euclidean, in seconds: its access link. */
  readonly height: number;
}

/** Dimensions of the Euclidean part in every Serf cluster; more gave no better estimates. */
export const COORDINATE_DIMENSIONS = 8;

/** Where `error` starts, and its upper bound. */
export const COORDINATE_ERROR_MAX = 1.5;

/** The least height, in seconds. */
export const COORDINATE_HEIGHT_MIN = 10e-6;

/**
 * The greatest magnitude of any number in a coordinate, in seconds where it has a unit. The longest round-trip time that
 * counts is 10 s, so no honest node gets near this. Without a bound one peer's far-off coordinate would drag others out
 * of any useful place in one step, though each number of it is finite.
 */
export const COORDINATE_MAGNITUDE_MAX = 100;

/** A node that has seen nothing yet. All start in the same place; the first updates push them apart at random. */
export function newCoordinate(dimensions: number = COORDINATE_DIMENSIONS): Coordinate {
  return {
    vec: new Array<number>(dimensions).fill(0),
    error: COORDINATE_ERROR_MAX,
    adjustment: 0,
    height: COORDINATE_HEIGHT_MIN,
  };
}

/**
 * Whether every number is finite and at most `COORDINATE_MAGNITUDE_MAX` in magnitude, and neither error nor height is
 * negative. The reference asks for finite numbers only.
 */
export function isPlausible({ vec, error, adjustment, height }: Coordinate): boolean {
  return (
    error >= 0 && height >= 0 && isBounded(error) && isBounded(height) && isBounded(adjustment) && vec.every(isBounded)
  );
}

function isBounded(value: number): boolean {
  // False for NaN, too.
  return Math.abs(value) <= COORDINATE_MAGNITUDE_MAX;
}
