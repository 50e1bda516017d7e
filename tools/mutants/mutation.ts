/** One removed rule of the core: in `file`, `replacement` replaces the text from `start` to `end`. */
export interface Mutation {
  /** Says what is different; unique in its file. */
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** Names in the code; tests that run code with these names are likely to notice. */
  readonly hints: readonly string[];
}

/** The source without the rule. */
export function applied({ start, end, replacement }: Mutation, text: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
