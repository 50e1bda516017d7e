/** One rule of the core taken away: in `file`, `replacement` takes the place of what stands from `start` to `end`. */
export interface Mutation {
  /** Says what is different; no two in one file have the same. */
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** Names of the code; tests that run what mentions them are likely to notice. */
  readonly hints: readonly string[];
}

/** The source with the rule taken away. */
export function applied({ start, end, replacement }: Mutation, text: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
