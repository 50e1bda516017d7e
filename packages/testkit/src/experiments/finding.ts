/** Where an expected value comes from. */
export type Source =
  /** Published with the protocol's paper. */
  | "paper"
  /** Follows from a formula that the method names. */
  | "closed form"
  /** What the protocol promises. */
  | "promise"
  /** What the reference's own code gave. */
  | "reference"
  /**
   * An earlier, short simulation, which was made before this code was written and is not part of the repository. Nobody has
   * published the number: its band guards against change and proves nothing beyond that.
   */
  | "sketch"
  /** Nobody has published it: what the shipped rules gave when the row was made, so that nothing slows them down unseen. */
  | "measured here"
  /** The same simulation, where this code contradicts it: what is expected now was measured here, with the production code. */
  | "sketch, re-measured";

/** What a number ought to be. */
export interface Expectation {
  readonly value: number;
  readonly source: Source;
  /** What the sketch had, where it was wrong. */
  readonly sketch?: number;
  /** The band in which the finding must lie, both ends included. */
  readonly low: number;
  readonly high: number;
}

/** One line of the table. */
export interface Finding {
  /** Number of nodes, loss, and what else was set. */
  readonly setting: string;
  readonly rules: string;
  readonly metric: string;
  /** Null for numbers that are shown beside the others and promise nothing. */
  readonly expected: Expectation | null;
  readonly found: number;
  /** The least and the greatest of all runs. */
  readonly least: number;
  readonly greatest: number;
  /** The runs that the number was made from, in words: seeds, trials. */
  readonly runs: string;
  /** What held in every single run, or did not. */
  readonly limit: { readonly text: string; readonly holds: boolean } | null;
  readonly isPassed: boolean;
}

/** One of the papers' experiments. */
export interface Experiment {
  readonly id: string;
  readonly title: string;
  /** How it was done, for the documentation. */
  readonly method: string;
  run(size: Size): Finding[] | Promise<Finding[]>;
}

/** `quick` runs take seconds and belong to the tests; the full ones make the published table. */
export type Size = "quick" | "full";

/** What `finding` is made of. */
export interface Measured {
  readonly setting: string;
  readonly rules: string;
  readonly metric: string;
  readonly expected?: Expectation | null;
  readonly found: number;
  /** One value for each run. */
  readonly samples: readonly number[];
  readonly runs: string;
  readonly limit?: { readonly text: string; readonly holds: boolean };
}

export function finding({ expected = null, samples, limit, ...rest }: Measured): Finding {
  const isWithin = expected === null || (rest.found >= expected.low && rest.found <= expected.high);
  return {
    ...rest,
    expected,
    least: Math.min(...samples),
    greatest: Math.max(...samples),
    limit: limit ?? null,
    isPassed: isWithin && (limit?.holds ?? true),
  };
}

/** Whether it can fail: others only stand beside these, for comparison. */
export function isJudged({ expected, limit }: Finding): boolean {
  return expected !== null || limit !== null;
}

/** A band around a value, as a share of it. */
export function within(value: number, share: number, source: Source): Expectation {
  return { value, source, low: value * (1 - share), high: value * (1 + share) };
}

/** A band around a value of a sketch; where this code contradicts it, `sketch` is what it had, and `value` our own. */
export function sketched(value: number, share: number, sketch: number | undefined): Expectation {
  if (sketch === undefined) return within(value, share, "sketch");
  return { ...within(value, share, "sketch, re-measured"), sketch };
}

/** The seeds 1 to `count`. */
export function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
