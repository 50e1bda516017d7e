import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Outcome } from "./suite.ts";

const PAGE: string = fileURLToPath(new URL("../../docs/interop.md", import.meta.url));
const MODULE: string = fileURLToPath(new URL("../peer/go.mod", import.meta.url));
const BEGIN = "<!-- results: written by `npm run interop -- full --write` -->";
const END = "<!-- /results -->";

/** Puts the outcomes into docs/interop.md, in place of those that stand there. */
export async function writeResults(outcomes: readonly Outcome[]): Promise<void> {
  const page = await readFile(PAGE, "utf8");
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/interop.md lacks ${BEGIN} or ${END}`);
  await writeFile(PAGE, `${before}${BEGIN}\n\n${await table(outcomes)}\n${END}${after}`);
}

async function table(outcomes: readonly Outcome[]): Promise<string> {
  const rows = outcomes.map(
    ({ name, shows, failure, seconds }) =>
      `| \`${name}\` | ${shows} | ${failure === null ? "pass" : "**fail**"} | ${Math.round(seconds)} |`,
  );
  return [await versions(), "", "| case | shows | result | seconds |", "|---|---|---|---|", ...rows, ""].join("\n");
}

async function versions(): Promise<string> {
  const memberlist = /hashicorp\/memberlist (v\S+)/.exec(await readFile(MODULE, "utf8"))?.[1] ?? "of unknown version";
  const { stdout } = await promisify(execFile)("go", ["env", "GOVERSION"]);
  return `memberlist ${memberlist}, built with ${stdout.trim()}, against Hearsay on Node.js ${process.version}.`;
}
