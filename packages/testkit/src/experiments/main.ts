import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { documentation, type Section } from "./documentation.ts";
import { type Experiment, isJudged, type Size } from "./finding.ts";
import { EXPERIMENTS } from "./index.ts";
import { textTable } from "./table.ts";

const USAGE = `npm run experiments [-- e1 e5 ... --quick --json --write]

  --quick   few seeds and small clusters, in seconds; the bands are wider then
  --json    the findings as JSON, for programs
  --write   puts what was found into docs/design/experiments.md; only in full
`;

const ROOT = new URL("../../../../", import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else process.exitCode = await main();

async function main(): Promise<number> {
  const chosen = EXPERIMENTS.filter(({ id }) => positionals.length === 0 || positionals.some((name) => same(name, id)));
  const unknown = positionals.filter((name) => !EXPERIMENTS.some(({ id }) => same(name, id)));
  if (unknown.length > 0 || (values.write && values.quick)) {
    process.stderr.write(unknown.length > 0 ? `no such experiment: ${unknown.join(", ")}\n` : USAGE);
    return 2;
  }
  const size: Size = values.quick ? "quick" : "full";
  const made = `Found on ${new Date().toISOString().slice(0, 10)} at ${revision()}.`;
  const results: Result[] = [];
  for (const experiment of chosen) results.push(await runOne(experiment, size, made));
  if (values.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  if (values.write) {
    const page = fileURLToPath(new URL("docs/design/experiments.md", ROOT));
    const ids = EXPERIMENTS.map(({ id }) => id);
    writeFileSync(page, documentation(ids, results, readFileSync(page, "utf8")));
  }
  const judged = results.flatMap(({ findings }) => findings.filter(isJudged));
  const passed = judged.filter(({ isPassed }) => isPassed).length;
  const failed = judged.length - passed;
  if (!values.json) process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/** An experiment's section of the page, and how long it took. */
type Result = Section & { readonly seconds: number };

async function runOne(experiment: Experiment, size: Size, made: string): Promise<Result> {
  const start = performance.now();
  const findings = await experiment.run(size);
  const seconds = (performance.now() - start) / 1000;
  if (!values.json) {
    const { id, title } = experiment;
    process.stdout.write(`${id}  ${title}  (${seconds.toFixed(1)} s)\n${textTable(findings)}\n\n`);
  }
  return { experiment, findings, made, seconds };
}

/** The commit being run, with a note if the sources differ from it. */
function revision(): string {
  const git = (...words: string[]): string => execFileSync("git", words, { cwd: ROOT, encoding: "utf8" }).trim();
  try {
    const hash = git("rev-parse", "--short", "HEAD");
    return git("status", "--porcelain", "--", "packages") === "" ? hash : `${hash} and changes`;
  } catch {
    return "a copy that is no git repository";
  }
}

function same(name: string, id: string): boolean {
  return name.toLowerCase() === id.toLowerCase();
}
