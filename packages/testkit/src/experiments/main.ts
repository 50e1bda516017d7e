import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { documentation } from "./documentation.ts";
import type { Experiment, Finding, Size } from "./finding.ts";
import { EXPERIMENTS } from "./index.ts";
import { textTable } from "./table.ts";

const USAGE = `npm run experiments [-- e1 e5 ... --quick --json --write]

  --quick   few seeds and small clusters, in seconds; the bands are wider then
  --json    the findings as JSON, for programs
  --write   writes docs/experiments.md; only with all experiments, in full
`;

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
else process.exitCode = main();

function main(): number {
  const chosen = EXPERIMENTS.filter(({ id }) => positionals.length === 0 || positionals.some((name) => same(name, id)));
  const unknown = positionals.filter((name) => !EXPERIMENTS.some(({ id }) => same(name, id)));
  if (unknown.length > 0 || (values.write && (values.quick || positionals.length > 0))) {
    process.stderr.write(unknown.length > 0 ? `no such experiment: ${unknown.join(", ")}\n` : USAGE);
    return 2;
  }
  const size: Size = values.quick ? "quick" : "full";
  const results = chosen.map((experiment) => runOne(experiment, size));
  if (values.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  if (values.write) {
    writeFileSync(fileURLToPath(new URL("../../../../docs/experiments.md", import.meta.url)), documentation(results));
  }
  const failed = results.flatMap(({ findings }) => findings.filter(({ isPassed }) => !isPassed)).length;
  if (!values.json) process.stdout.write(failed === 0 ? "all as expected\n" : `${failed} not as expected\n`);
  return failed === 0 ? 0 : 1;
}

function runOne(experiment: Experiment, size: Size): { experiment: Experiment; findings: Finding[]; seconds: number } {
  const start = performance.now();
  const findings = experiment.run(size);
  const seconds = (performance.now() - start) / 1000;
  if (!values.json) {
    const { id, title } = experiment;
    process.stdout.write(`${id}  ${title}  (${seconds.toFixed(1)} s)\n${textTable(findings)}\n\n`);
  }
  return { experiment, findings, seconds };
}

function same(name: string, id: string): boolean {
  return name.toLowerCase() === id.toLowerCase();
}
