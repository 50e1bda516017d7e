/** One member's answer to a change or list of keys. */
export interface KeyAnswer {
  /** Whether the member did what it was asked. */
  readonly isDone: boolean;
  /** An error or a remark; usually empty. */
  readonly message: string;
  /** For `list`: the member's keys in base64, the primary one first. These are the keys themselves: don't log them. */
  readonly keys: readonly string[];
}

/** The result of changing or listing the pool's keys. */
export interface KeyReport {
  /** Number of members that were present when the query was sent. */
  readonly nodes: number;
  readonly answered: number;
  /** Number of members that reported a failure. */
  readonly failed: number;
  /** Names of members that are present and gave no answer in time; they may or may not have done it. */
  readonly silent: readonly string[];
  /**
   * Names of members that have failed and did not answer. They did not hear of the change: if one returns after the old
   * key is removed and lacks the new key, it is refused until an operator gives it the new key.
   */
  readonly away: readonly string[];
  /** The answers, by member name. */
  readonly answers: ReadonlyMap<string, KeyAnswer>;
  /**
   * For `list`: the number of members with each key, by key in base64. These are the keys themselves: don't log them.
   */
  readonly keys: ReadonlyMap<string, number>;
  /** The same for primary keys only. */
  readonly primaryKeys: ReadonlyMap<string, number>;
}
