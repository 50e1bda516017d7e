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
   * An earlier, short simulation, made before this code and not part of the repository. The number is unpublished: its
   * band guards against change and proves nothing beyond that.
   */
  | "sketch"
  /** Unpublished: the result of the shipped rules when the row was made, so that a slowdown is noticed. */
  | "measured here"
  /** A sketch that this code contradicts: the expected value was measured here, with the production code. */
  | "sketch, re-measured";

/** The expected value of a number. */
export interface Expectation {
  readonly value: number;
  readonly source: Source;
  /** The sketch's value, if it was wrong. */
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
  /** Null for numbers that are shown only for comparison. */
  readonly expected: Expectation | null;
  readonly found: number;
  /** The least and the greatest value of all runs. */
  readonly least: number;
  readonly greatest: number;
  /** The runs that the number was made from, in words: seeds, trials. */
  readonly runs: string;
  /** A limit for every single run, and whether it held. */
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

/** The input of `finding`. */
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

/** Whether it can fail; other findings are shown only for comparison. */
export function isJudged({ expected, limit }: Finding): boolean {
  return expected !== null || limit !== null;
}

/** A band around a value, as a share of it. */
export function within(value: number, share: number, source: Source): Expectation {
  return { value, source, low: value * (1 - share), high: value * (1 + share) };
}

/** A band around a sketch's value. If this code contradicts the sketch, `sketch` is its value and `value` is ours. */
export function sketched(value: number, share: number, sketch: number | undefined): Expectation {
  if (sketch === undefined) return within(value, share, "sketch");
  return { ...within(value, share, "sketch, re-measured"), sketch };
}

/** The seeds 1 to `count`. */
export function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
