import { type ChildProcess, execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark, Variant } from "./benchmarks.ts";
import { type Figure, figuresOf } from "./figures.ts";
import { type Row, row } from "./rows.ts";

const run = promisify(execFile);

/** A sample that takes longer hangs. */
const LIMIT_MS = 120_000;

/** The compiled samples of this tree. */
export const SAMPLES: string = fileURLToPath(new URL("./samples/", import.meta.url));

/**
 * Takes one sample in a fresh process.
 *
 * @param folder where the compiled samples lie
 * @throws Error if the sample fails or hangs
 */
export async function takeSample(folder: string, benchmark: Benchmark, variant: Variant): Promise<Figure[]> {
  const script = `${folder}/${benchmark.name}.js`;
  // The shell's settings for Node must not apply.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const burner = variant.isBesideBusyCore ? burnCore() : null;
  try {
    const words = [...variant.nodeFlags, script, ...variant.args];
    const { stdout } = await run(process.execPath, words, { env, timeout: LIMIT_MS, killSignal: "SIGKILL" });
    const figures = figuresOf(stdout);
    return variant.name === ""
      ? figures
      : figures.map(({ name, ...figure }) => ({ name: `${name}; ${variant.name}`, ...figure }));
  } finally {
    burner?.kill("SIGKILL");
  }
}

/** The values shown beside the figures of a sample, by their names. */
export type Peers = ReadonlyMap<string, readonly number[]>;

/** One row for each figure of the first sample, over all samples. */
export function rowsOf(bench: string, samples: readonly (readonly Figure[])[], peers: Peers = new Map()): Row[] {
  return (samples[0] ?? []).map(({ name, unit }) => row(bench, name, unit, valuesOf(samples, name), peers.get(name)));
}

/** One figure's values in all samples that have it. */
export function valuesOf(samples: readonly (readonly Figure[])[], name: string): number[] {
  return samples.flatMap((sample) => sample.filter((figure) => figure.name === name).map(({ value }) => value));
}

/** A process that spins, at most until a sample's time limit. */
function burnCore(): ChildProcess {
  const program = `const end = Date.now() + ${LIMIT_MS}; while (Date.now() < end);`;
  return spawn(process.execPath, ["-e", program], { stdio: "ignore" });
}
