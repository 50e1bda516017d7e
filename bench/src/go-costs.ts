import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { messageOf } from "hearsay/internal";
import type { Peers } from "./sampling.ts";

const run = promisify(execFile);

const RUNS = 9;
const RUN_MS = 120;

/** The names in interop/peer/codec_bench_test.go that differ from ours by more than a size in parentheses. */
const THEIR_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^write a push\/pull, per entry/, "write a push/pull entry"],
  [/^read a push\/pull, per entry/, "read a push/pull entry"],
  [/^compress 1,300 B/, "compress"],
  [/^decompress them/, "decompress"],
  [/^(seal|open) (\d+) B/, "$1 $2"],
  [/^take a packet of rumors/, "queue"],
  [/^((?:en|de)code [a-z ]+?)(?: \(\d+ B\))?$/, "$1"],
];

/** The costs of memberlist's parts, by the names of our figures. Empty without a Go toolchain. */
export async function goPeers(figures: readonly string[], isQuick: boolean): Promise<Peers> {
  const costs = await goCosts(isQuick ? 3 : RUNS, isQuick ? 25 : RUN_MS);
  const peers = new Map<string, readonly number[]>();
  for (const name of figures) {
    const [plain = "", ...rest] = name.split(", garbage");
    const cost = costs.get(theirName(plain));
    if (cost !== undefined) peers.set(name, rest.length > 0 ? cost.garbage : cost.ns);
  }
  return peers;
}

function theirName(ours: string): string {
  for (const [pattern, theirs] of THEIR_NAMES) {
    const found = pattern.exec(ours);
    if (found !== null) return found[0].replace(pattern, theirs);
  }
  return ours;
}

interface Cost {
  readonly ns: number[];
  readonly garbage: number[];
}

/** Runs the Go benchmarks. The first build takes some seconds. */
async function goCosts(runs: number, runMs: number): Promise<ReadonlyMap<string, Cost>> {
  const cwd = fileURLToPath(new URL("../../interop/peer/", import.meta.url));
  const flags = ["-run", "^$", "-bench", ".", "-benchmem", "-benchtime", `${runMs}ms`, "-count"];
  try {
    const { stdout } = await run("go", ["test", ...flags, String(runs)], { cwd });
    return parsed(stdout);
  } catch (error) {
    const words = messageOf(error).split("\n")[0];
    process.stderr.write(`no figures of Go beside ours: ${words}\n`);
    return new Map();
  }
}

/** Lines such as `BenchmarkMessages/encode_ping-2  1000000  912 ns/op  921 cpu-ns/op  1232 B/op  9 allocs/op`. */
function parsed(text: string): ReadonlyMap<string, Cost> {
  const costs = new Map<string, Cost>();
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
