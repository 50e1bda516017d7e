/** A member that may own keys. */
export interface RingMember {
  readonly name: string;
  /**
   * Its share, compared with the others' weights: 0.01 to 100. What is beyond counts as the nearest of the two, but with 0,
   * less or NaN it owns nothing. Weights may come from other nodes' tags, so none of them is an error.
   *
   * @defaultValue 1
   */
  readonly weight?: number;
}

/** The least weight and the greatest. */
export const RING_WEIGHT_MIN = 0.01;
export const RING_WEIGHT_MAX = 100;

/**
 * Which members of a view own a key. Immutable. Equal views of a ring of the same name and options give equal answers on
 * every node, in whatever order the members came; views that differ may give different ones until they converge.
 */
export interface Placement {
  /** The names of those who can own keys, in order of their UTF-16 units. */
  readonly members: readonly string[];
  /** The key's owner; undefined if there is no member. */
  owner(key: string): string | undefined;
  /** The key's owner and then those who would follow, each member once: at most `count`, fewer if there are fewer. */
  owners(key: string, count: number): string[];
}
