/**
 * Writes the result of one part of `.ci/full` into docs/design/verification.md, with the date, the revision and the
 * machine. The other parts keep their last results, since the parts are rarely run all at once.
 *
 *   node tools/verification.mjs proof|figures PASSED FAILED SECONDS OUTPUT-FILE NAME COMMAND...
 *   node tools/verification.mjs   brings the page's list of parts into line with that of `.ci/full`
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = join(root, "docs/design/verification.md");
const BEGIN = "<!-- results: written by `.ci/full --write` -->";
const END = "<!-- /results -->";

/** Kept lines of a part's output: a benchmark prints few, and the last ones are its figures. */
const FIGURES_MAX = 60;

const [kind, passed, failed, seconds, outputFile, name, ...command] = process.argv.slice(2);
const text = readFileSync(page, "utf8");
const [before, rest = ""] = text.split(BEGIN);
const [written = "", after] = rest.split(END);
if (after === undefined) throw new Error(`${page} lacks ${BEGIN} or ${END}`);

const rows = new Map([...written.matchAll(/^\| `([^`]+)` \|.*$/gm)].map(([row, part]) => [part, row]));
const blocks = new Map([...written.matchAll(/^### ([^\n]+)\n[\s\S]*?^```\n/gm)].map(([block, part]) => [part, block]));
if (name !== undefined) rows.set(name, row());
if (kind === "figures") blocks.set(name, block());

// In the order of the list; parts that are no longer in it are dropped.
const parts = [...readFileSync(join(root, ".ci/full"), "utf8").matchAll(/^(?:proof|figures) (\S+) /gm)].map(
  ([, part]) => part,
);
const table = parts.map((part) => rows.get(part) ?? `| \`${part}\` |  | not yet |  |  |  |`);
const head = ["| part | command | result | minutes | date | revision, Node |", "|---|---|---|---|---|---|"];
const figures = parts.flatMap((part) => blocks.get(part) ?? []);
const results = [[...head, ...table, ""].join("\n"), ...figures].join("\n");
writeFileSync(page, `${before}${BEGIN}\n\n${results}\n${END}${after}`);

function row() {
  const result = Number(failed) === 0 ? `${passed} passed` : `${passed} passed, **${failed} failed**`;
  const minutes = (Number(seconds) / 60).toFixed(1);
  const where = `${revision()}, ${release()}, ${cpus().length} cores`;
  return `| \`${name}\` | \`${command.join(" ")}\` | ${result} | ${minutes} | ${today()} | ${where} |`;
}

function block() {
  // Without npm's lines about the command.
  const lines = readFileSync(outputFile, "utf8").split("\n");
  const told = lines.filter((line) => line.trim() !== "" && !line.startsWith("> ")).slice(-FIGURES_MAX);
  return `### ${name}\n\n\`\`\`text\n${told.join("\n")}\n\`\`\`\n`;
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

/** The release that ran the part: this Node, except for `test:nodes`, which fetches others and names them. */
function release() {
  if (!command.includes("test:nodes")) return process.version;
  const told = [...readFileSync(outputFile, "utf8").matchAll(/^== Node (\S+)$/gm)].map(([, version]) => `v${version}`);
  return told.length === 0 ? "no Node" : told.join(" ");
}

/** The commit, and whether files outside docs differ from it or are not in it. */
function revision() {
  const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const hash = git("rev-parse", "--short", "HEAD");
  return git("status", "--porcelain", "--", ".", ":!docs") === "" ? hash : `${hash} and changes`;
}
