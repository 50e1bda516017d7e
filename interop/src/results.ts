import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { serfPrograms, versionOf } from "./serf/programs.ts";
import type { Outcome } from "./suite.ts";

const PAGE: string = fileURLToPath(new URL("../../docs/reference/interop.md", import.meta.url));
const SERF_MODULE: string = fileURLToPath(new URL("../serf/go.mod", import.meta.url));
const MODULE: string = fileURLToPath(new URL("../peer/go.mod", import.meta.url));
const BEGIN = "<!-- results: written by `npm run interop -- full --write` -->";
const SERF_BEGIN = "<!-- results: written by `npm run interop -- serf --write` -->";
const END = "<!-- /results -->";

/** Writes the outcomes with memberlist into docs/reference/interop.md, in place of the previous ones. */
export async function writeResults(outcomes: readonly Outcome[]): Promise<void> {
  await writeTable(BEGIN, await versions(), outcomes);
}

/** The same with Serf. */
export async function writeSerfResults(outcomes: readonly Outcome[]): Promise<void> {
  await writeTable(SERF_BEGIN, await serfVersions(), outcomes);
}

async function writeTable(begin: string, title: string, outcomes: readonly Outcome[]): Promise<void> {
  const page = await readFile(PAGE, "utf8");
  const [before, rest] = page.split(begin);
  const at = rest?.indexOf(END) ?? -1;
  if (before === undefined || rest === undefined || at < 0)
    throw new Error(`docs/reference/interop.md lacks ${begin} or ${END}`);
  await writeFile(PAGE, `${before}${begin}\n\n${table(title, outcomes)}\n${rest.slice(at)}`);
}

function table(title: string, outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(
    ({ name, shows, failure, seconds }) =>
      `| \`${name}\` | ${shows} | ${failure === null ? "pass" : "**fail**"} | ${Math.round(seconds)} |`,
  );
  return [title, "", "| case | shows | result | seconds |", "|---|---|---|---|", ...rows, ""].join("\n");
}

async function versions(): Promise<string> {
  const memberlist = /hashicorp\/memberlist (v\S+)/.exec(await readFile(MODULE, "utf8"))?.[1] ?? "of unknown version";
  const { stdout } = await promisify(execFile)("go", ["env", "GOVERSION"]);
  return `memberlist ${memberlist}, built with ${stdout.trim()}, against Hearsay on Node.js ${process.version}.`;
}

async function serfVersions(): Promise<string> {
  const { debian, newest } = await serfPrograms();
  const release = /hashicorp\/serf (v\S+)/.exec(await readFile(SERF_MODULE, "utf8"))?.[1] ?? "of unknown version";
  const words = `the distribution's, which calls itself ${await versionOf(debian.command)}, and ${release}`;
  return `Serf in two releases, ${words} (${await versionOf(newest.command)}), against Hearsay on Node.js ${process.version}.`;
}
