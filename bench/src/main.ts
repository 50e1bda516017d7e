import { parseArgs } from "node:util";
import { BENCHMARKS, benchmarkOf } from "./benchmarks.ts";
import { circumstances } from "./machine.ts";
import { rowsTable, writeResults } from "./results.ts";
import { print, type Row } from "./rows.ts";

const USAGE = `usage: npm run bench -- <name> [--json] [--quick | --write]
       npm run bench -- sample <name>
       npm run bench -- compare <revision> [name... | --write] [--pairs=N]
names of which samples can be taken and compared:
${BENCHMARKS.map(({ name, about }) => `  ${name.padEnd(13)} ${about}`).join("\n")}
others:
  fuzz          a million damaged packets: nothing throws, nothing grows beyond its limit
  hostile       what a node holds to which a peer sends much, and how long its turns are
  rpc-load      an agent with clients that follow everything and read nothing
  serf-event    a user event to 20 agents, beside the same with Serf's own
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    pairs: { type: "string" },
  },
});
const [mode = "", ...names] = positionals;

const isSampled = (name: string): boolean => BENCHMARKS.some((one) => one.name === name);

process.exitCode = await run();

async function run(): Promise<number> {
  const [first = ""] = names;
  // Written results replace all previous ones, so they must be complete.
  if (values.write && (values.quick || (mode === "compare" && names.length > 1))) return misused();
  if (mode === "compare" && first !== "" && names.slice(1).every(isSampled)) return compare(first, names.slice(1));
  if (mode === "sample" && isSampled(first)) return sample(first);
  if (names.length > 0) return misused();
  const startsWith = await circumstances();
  const rows = await measure();
  if (rows === null) return misused();
  print(rows, values.json);
  const code = Number(process.exitCode ?? 0);
  if (values.write && code === 0) await writeResults(mode, startsWith, rowsTable(rows));
  if (values.write && code !== 0) process.stderr.write("not written, since something failed\n");
  return code;
}

async function measure(): Promise<Row[] | null> {
  if (isSampled(mode)) return (await import("./benchmark-rows.ts")).benchmarkRows(mode, values.quick);
  switch (mode) {
    case "fuzz":
      return (await import("./fuzz.ts")).fuzz(values.quick ? 100_000 : 1_000_000);
    case "hostile":
      return (await import("./hostile.ts")).hostile(values.quick);
    case "rpc-load":
      return (await import("./rpc-load.ts")).rpcLoad(values.quick ? 20 : 200);
    case "serf-event":
      return (await import("./serf-event.ts")).serfEvent(values.quick ? 5 : 50);
    default:
      return null;
  }
}

/** Takes one sample of each variant and prints one line of JSON for each. */
async function sample(name: string): Promise<number> {
  const { SAMPLES, takeSample } = await import("./sampling.ts");
  const benchmark = benchmarkOf(name);
  for (const variant of benchmark.variants) {
    console.log(JSON.stringify(await takeSample(SAMPLES, benchmark, variant)));
  }
  return 0;
}

async function compare(revision: string, of: readonly string[]): Promise<number> {
  const { compare, PAIRS } = await import("./compare/compare.ts");
  const pairs = Number(values.pairs ?? PAIRS);
  return compare({ revision, names: of, pairs, isWriting: values.write });
}

function misused(): number {
  process.stderr.write(USAGE);
  return 2;
}
