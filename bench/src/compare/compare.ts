import { BENCHMARKS, type Benchmark, benchmarkOf } from "../benchmarks.ts";
import { circumstances } from "../machine.ts";
import { writeResults } from "../results.ts";
import { figureText } from "../rows.ts";
import { SAMPLES, takeSample } from "../sampling.ts";
import { OtherTree } from "./other-tree.ts";
import { comparePairs, isWorse, type Outcome, RATIO_MAX, type Subject } from "./pairs.ts";
import { CONFIDENCE, PAIRS_MAX, PAIRS_MIN } from "./ratios.ts";

/** The 95 % interval then lies between the 6th and the 16th ratio. */
export const PAIRS = 21;

/** The parameters of a comparison. */
export interface CompareRequest {
  readonly revision: string;
  /** Names of benchmarks; all if empty. */
  readonly names: readonly string[];
  readonly pairs: number;
  readonly isWriting: boolean;
}

/**
 * Compares this tree with another revision and prints both. Returns the exit code: 1 if a figure is certainly worse.
 */
export async function compare({ revision, names, pairs, isWriting }: CompareRequest): Promise<number> {
  if (!(pairs >= PAIRS_MIN && pairs <= PAIRS_MAX)) throw new RangeError(`pairs: ${PAIRS_MIN} to ${PAIRS_MAX}`);
  const tell = (words: string): void => void process.stderr.write(`${words}\n`);
  const benchmarks = names.length === 0 ? BENCHMARKS : names.map(benchmarkOf);
  const other = await OtherTree.open(revision, tell);
  const subjects: Subject[] = [];
  const unequal: string[] = [];
  for (const benchmark of benchmarks) {
    const there = await other.samplesOf(benchmark);
    tell(`${benchmark.name}: there, ${there.folder}`);
    if (there.failure !== null) {
      unequal.push(benchmark.name);
      tell(
        `${benchmark.name}: its own sample there, which may do other work, since ours does not compile: ${there.failure}`,
      );
    }
    subjects.push(...subjectsOf(benchmark, there.folder));
  }
  const own = unequal.length === 0 ? "" : `, with its own samples of ${unequal.join(", ")}`;
  const revision12 = other.revision.slice(0, 12);
  const title = `here: ${await circumstances()}; there: revision ${revision12}${own}; ${pairs} pairs`;
  tell(title);
  const startedAt = performance.now();
  const minutes = (): string => ((performance.now() - startedAt) / 60_000).toFixed(1);
  const outcome = await comparePairs(subjects, pairs, (done) => tell(`${done} of ${pairs} pairs, ${minutes()} min`));
  print(outcome);
  if (isWriting) await writeResults("compare", title, tableOf(outcome));
  return outcome.comparisons.some(isWorse) ? 1 : 0;
}

/** One subject for each variant: a sample of both sides with the same arguments and flags. */
function subjectsOf(benchmark: Benchmark, there: string): Subject[] {
  return benchmark.variants.map((variant) => ({
    bench: benchmark.name,
    sample: (side) => takeSample(side === "here" ? SAMPLES : there, benchmark, variant),
  }));
}

function print({ comparisons, unmatched }: Outcome): void {
  console.log(`${"".padEnd(84)} ${"there".padStart(9)} ${"here".padStart(9)}  ratio  ${CONFIDENCE * 100} % interval`);
  for (const one of comparisons) {
    const { bench, name, unit, here, there, ratio } = one;
    const what = `${bench}: ${name}, ${unit}`.padEnd(84);
    const interval = `${ratio.median.toFixed(3)}  ${ratio.low.toFixed(3)}..${ratio.high.toFixed(3)}`;
    console.log(
      `${what} ${figureText(there).padStart(9)} ${figureText(here).padStart(9)}  ${interval}${isWorse(one) ? "  WORSE" : ""}`,
    );
  }
  for (const name of unmatched) console.log(`only on one side, not compared: ${name}`);
  const worse = comparisons.filter(isWorse);
  console.log(
    worse.length === 0
      ? `${comparisons.length} figures; none lies wholly above ${RATIO_MAX}`
      : `${worse.length} of ${comparisons.length} figures lie wholly above ${RATIO_MAX}`,
  );
}

function tableOf({ comparisons, unmatched }: Outcome): string[] {
  return [
    "| figure | unit | there | here | ratio | 95 % interval |",
    "|---|---|---:|---:|---:|---:|",
    ...comparisons.map((one) => {
      const { bench, name, unit, here, there, ratio } = one;
      const interval = `${ratio.low.toFixed(3)}..${ratio.high.toFixed(3)}${isWorse(one) ? ", **worse**" : ""}`;
      return `| ${bench}: ${name} | ${unit} | ${figureText(there)} | ${figureText(here)} | ${ratio.median.toFixed(3)} | ${interval} |`;
    }),
    ...unmatched.map((name) => `| ${name} | | | | | only on one side |`),
  ];
}
