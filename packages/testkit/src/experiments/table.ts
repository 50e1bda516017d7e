import { type Expectation, type Finding, isJudged } from "./finding.ts";

const HEAD = ["setting", "rules", "metric", "expected", "found", "least to greatest", "runs", "in every run", ""];

/** The cells of a finding, in the order of `HEAD`. */
function cells(finding: Finding): string[] {
  const { setting, rules, metric, expected, found, least, greatest, runs, limit, isPassed } = finding;
  return [
    setting,
    rules,
    metric,
    expected === null ? "" : expectedText(expected),
    number(found),
    least === greatest ? "" : `${number(least)} to ${number(greatest)}`,
    runs,
    limit === null ? "" : limit.text,
    isJudged(finding) ? (isPassed ? "pass" : "FAIL") : "shown",
  ];
}

/** A table for a terminal. */
export function textTable(findings: readonly Finding[]): string {
  const rows = [HEAD, ...findings.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The same table for the documentation. */
export function markdownTable(findings: readonly Finding[]): string {
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  return [line(HEAD), line(HEAD.map(() => "---")), ...findings.map((finding) => line(cells(finding)))].join("\n");
}

function expectedText({ value, source, sketch, low, high }: Expectation): string {
  const band = low === high ? "" : ` (${number(low)} to ${number(high)})`;
  const former = sketch === undefined ? "" : ` ${number(sketch)}`;
  return `${number(value)}${band}, ${source}${former}`;
}

function number(value: number): string {
  if (!Number.isFinite(value) || value === 0 || Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return value >= 0.5 ? value.toFixed(2) : value.toPrecision(2);
}
