import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { figureText, type Row } from "./rows.ts";

const PAGE: string = fileURLToPath(new URL("../../docs/design/benchmarks.md", import.meta.url));

/**
 * Writes a table into docs/design/benchmarks.md, in place of the one between the marks of that name.
 *
 * @throws Error if the page lacks the marks
 */
export async function writeResults(name: string, title: string, table: readonly string[]): Promise<void> {
  await writeFile(PAGE, withResults(await readFile(PAGE, "utf8"), name, title, table));
}

/** The page with the new table. */
export function withResults(page: string, name: string, title: string, table: readonly string[]): string {
  const begin = `<!-- results: written by \`npm run bench -- ${name} --write\` -->`;
  const end = "<!-- /results -->";
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`docs/design/benchmarks.md lacks ${begin} or ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n\`${title}\`\n\n${table.join("\n")}\n\n${page.slice(to)}`;
}

/** The rows as a Markdown table. */
export function rowsTable(rows: readonly Row[]): string[] {
  const hasPeer = rows.some(({ peer }) => peer !== null);
  const peerHead = hasPeer ? " beside it | ratio |" : "";
  return [
    `| figure | unit | median | least..greatest | samples |${peerHead}`,
    `|---|---|---:|---:|---:|${hasPeer ? "---:|---:|" : ""}`,
    ...rows.map(({ row, unit, ours, min, max, runs, peer, ratio }) => {
      const spread = runs > 1 ? `${figureText(min)}..${figureText(max)}` : "";
      const beside = peer === null ? " | |" : ` ${figureText(peer)} | ${ratio === null ? "" : figureText(ratio)} |`;
      return `| ${row} | ${unit} | ${figureText(ours)} | ${spread} | ${runs} |${hasPeer ? beside : ""}`;
    }),
  ];
}
