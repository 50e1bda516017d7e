import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Cost, Effort } from "./meter.ts";

const run = promisify(execFile);

/** What memberlist's parts cost, by the names of interop/peer/codec_bench_test.go. Empty without a Go toolchain. */
export type GoCosts = ReadonlyMap<string, Cost>;

/** Runs the Go benchmarks. Building takes some seconds the first time. */
export async function goCosts(effort: Effort): Promise<GoCosts> {
  const cwd = fileURLToPath(new URL("../../interop/peer/", import.meta.url));
  const flags = ["-run", "^$", "-bench", ".", "-benchmem", "-benchtime", `${effort.runMs}ms`, "-count"];
  try {
    const { stdout } = await run("go", ["test", ...flags, String(effort.runs)], { cwd });
    return parsed(stdout);
  } catch (error) {
    const words = error instanceof Error ? error.message.split("\n")[0] : String(error);
    process.stderr.write(`no figures of Go beside ours: ${words}\n`);
    return new Map();
  }
}

/** Lines such as `BenchmarkMessages/encode_ping-2  1000000  912 ns/op  921 cpu-ns/op  1232 B/op  9 allocs/op`. */
function parsed(text: string): GoCosts {
  const costs = new Map<string, { ns: number[]; garbage: number[] }>();
  for (const line of text.split("\n")) {
    const found = /^Benchmark\w+\/(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns\/op\s+([\d.]+) cpu-ns\/op\s+(\d+) B\/op/.exec(
      line,
    );
    if (found === null) continue;
    const name = (found[1] ?? "").replaceAll("_", " ");
    const cost = costs.get(name) ?? { ns: [], garbage: [] };
    cost.ns.push(Math.min(Number(found[2]), Number(found[3])));
    cost.garbage.push(Number(found[4]));
    costs.set(name, cost);
  }
  return costs;
}
