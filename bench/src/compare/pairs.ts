import type { Figure } from "../figures.ts";
import { percentile } from "../rows.ts";
import { type Interval, medianInterval, ratioOf } from "./ratios.ts";

/** The working tree, or the revision that it is measured against. */
export type Side = "here" | "there";

/** A measurement that both sides can sample. */
export interface Subject {
  readonly bench: string;
  readonly sample: (side: Side) => Promise<readonly Figure[]>;
}

/** The result of one figure's pairs. */
export interface Comparison {
  readonly bench: string;
  readonly name: string;
  readonly unit: string;
  /** The medians of both sides. */
  readonly here: number;
  readonly there: number;
  /** Here divided by there, for each pair. */
  readonly ratio: Interval;
}

/** A figure with a greater ratio is worse. */
export const RATIO_MAX = 1.05;

/** Bytes are whole numbers: a smaller difference may be due to rounding. */
const BYTES_MIN = 2;

/** The result of a comparison. */
export interface Outcome {
  readonly comparisons: readonly Comparison[];
  /** Figures that only one side has, as `benchmark: figure`. */
  readonly unmatched: readonly string[];
}

interface Paired {
  readonly bench: string;
  readonly name: string;
  readonly unit: string;
  readonly here: number[];
  readonly there: number[];
}

/**
 * Takes pairs of samples, one of each subject per round, so that changes of the machine affect all of them. The side
 * that goes first alternates.
 *
 * @param onPair called after each round with how many there were
 * @throws Error if the sides of a subject have no figure in common: then nothing would have been compared
 */
export async function comparePairs(
  subjects: readonly Subject[],
  pairs: number,
  onPair: (done: number) => void = () => {},
): Promise<Outcome> {
  const paired = new Map<string, Paired>();
  const unmatched = new Set<string>();
  for (let pair = 0; pair < pairs; pair++) {
    for (const { bench, sample } of subjects) {
      const { here, there } = await samplePair(sample, pair % 2 === 0 ? "there" : "here");
      const common = here.filter(({ name }) => there.some((other) => other.name === name));
      if (common.length === 0) throw new Error(`${bench}: no figure has the same name on both sides`);
      for (const { name } of [...here, ...there]) {
        if (!common.some((one) => one.name === name)) unmatched.add(`${bench}: ${name}`);
      }
      for (const figure of common) keep(paired, bench, figure, there);
    }
    onPair(pair + 1);
  }
  return { comparisons: [...paired.values()].map(comparisonOf), unmatched: [...unmatched] };
}

/** Whether the figure is certainly worse, and by too much. */
export function isWorse({ ratio, unit, here, there }: Comparison): boolean {
  if (unit === "B" && here - there < BYTES_MIN) return false;
  return ratio.low > RATIO_MAX;
}

async function samplePair(sample: Subject["sample"], first: Side): Promise<Record<Side, readonly Figure[]>> {
  const one = await sample(first);
  const other = await sample(first === "here" ? "there" : "here");
  return first === "here" ? { here: one, there: other } : { here: other, there: one };
}

function keep(paired: Map<string, Paired>, bench: string, figure: Figure, there: readonly Figure[]): void {
  const { name, unit, value } = figure;
  const key = `${bench}: ${name}`;
  const values = paired.get(key) ?? { bench, name, unit, here: [], there: [] };
  paired.set(key, values);
  values.here.push(value);
  values.there.push(there.find((other) => other.name === name)?.value ?? Number.NaN);
}

function comparisonOf({ bench, name, unit, here, there }: Paired): Comparison {
  const ratios = here.map((value, index) => ratioOf(value, there[index] ?? Number.NaN));
  return {
    bench,
    name,
    unit,
    here: percentile(here, 50),
    there: percentile(there, 50),
    ratio: medianInterval(ratios),
  };
}
