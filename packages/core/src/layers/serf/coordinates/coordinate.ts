/**
 * A node's position in Serf's space of round-trip times (docs/protocol/serf.md, section 14). Immutable: an update makes
 * a new one.
 *
 * Distances in that space estimate round-trip times without measuring them: F. Dabek, R. Cox, F. Kaashoek and R.
 * Morris, "Vivaldi: A Decentralized Network Coordinate System", SIGCOMM 2004.
 */
export interface Coordinate {
  /** The Euclidean part, in seconds. */
  readonly vec: readonly number[];
  /** The estimated relative error of the position, without unit: 1.5 at the start, towards 0 as the node learns. */
  readonly error: number;
  /** Correction added to each estimate, in seconds; may be negative (Lee, Zhang, Sahu and Saha, SIGMETRICS 2006). */
  readonly adjustment: number;
  /** The latency of the node's access link, in seconds, on top of the Euclidean distance. */
  readonly height: number;
}

/** Dimensions of the Euclidean part in every Serf cluster; more did not improve the estimates. */
export const COORDINATE_DIMENSIONS = 8;

/** Initial value and upper bound of `error`. */
export const COORDINATE_ERROR_MAX = 1.5;

/** The least height, in seconds. */
export const COORDINATE_HEIGHT_MIN = 10e-6;

/**
 * The greatest magnitude of any number in a coordinate, in seconds where it has a unit. The longest round-trip time
 * that is used is 10 s, so no honest node comes near this. Without the bound, one peer's remote coordinate, though
 * finite, could move others out of any useful position in one step.
 */
export const COORDINATE_MAGNITUDE_MAX = 100;

/**
 * The coordinate of a node without observations. All nodes start at the same position; the first updates push them
 * apart at random.
 */
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
 * negative. The reference only requires finite numbers.
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
