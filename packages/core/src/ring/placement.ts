/** A member that may own keys. */
export interface RingMember {
  readonly name: string;
  /**
   * The member's share in relation to the other weights, 0.01 to 100. A weight beyond these bounds is clamped, but
   * with a weight of 0 or less, or NaN, the member owns nothing. Weights may come from other nodes' tags, so none is an
   * error.
   *
   * @defaultValue 1
   */
  readonly weight?: number;
}

/** The smallest and the largest weight. */
export const RING_WEIGHT_MIN = 0.01;
export const RING_WEIGHT_MAX = 100;

/**
 * Determines which members of a view own a key. It is immutable. Equal views of a ring with the same name and options
 * give equal answers on every node, in any order of members. Different views may disagree until they converge.
 */
export interface Placement {
  /** The names of the members that can own keys, in order of their UTF-16 units. */
  readonly members: readonly string[];
  /** The key's owner; undefined if there is no member. */
  owner(key: string): string | undefined;
  /** The key's owner and then the members that follow it, each once: at most `count`, fewer if there are fewer. */
  owners(key: string, count: number): string[];
}
