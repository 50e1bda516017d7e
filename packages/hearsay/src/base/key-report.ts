/** One member's answer to a change or list of keys. */
export interface KeyAnswer {
  /** Whether the member did what it was asked. */
  readonly isDone: boolean;
  /** What went wrong, or a remark; mostly empty. */
  readonly message: string;
  /** Of a list: the member's keys in base64, the primary one first. The keys themselves, so don't log them. */
  readonly keys: readonly string[];
}

/** What a change or list of the pool's keys came to. */
export interface KeyReport {
  /** Members that were here when it was asked. */
  readonly nodes: number;
  readonly answered: number;
  /** Those of them that could not do it. */
  readonly failed: number;
  /** Members that are here and gave no answer in time, by name; they may have done it or not. */
  readonly silent: readonly string[];
  /**
   * Members that have failed, and neither left nor answered, by name. They did not hear of the change: whoever of them
   * returns without the new key once the old one is removed is refused, until somebody gives it the key.
   */
  readonly away: readonly string[];
  /** By the member's name. */
  readonly answers: ReadonlyMap<string, KeyAnswer>;
  /** Of a list: on how many members each key is, in base64. The keys themselves, so don't log them. */
  readonly keys: ReadonlyMap<string, number>;
  /** The same for primary keys. */
  readonly primaryKeys: ReadonlyMap<string, number>;
}
