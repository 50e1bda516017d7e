import { OPTIONS, type OptionRow } from "./table.ts";

/** The text of docs/reference/options.md, made from the table, so that the two can't differ. */
export function optionsMarkdown(): string {
  const [timings, others] = [OPTIONS.filter(isTiming), OPTIONS.filter((row) => !isTiming(row))];
  return [
    "# Options",
    "",
    "Everything that `createCluster` can be told. Options are checked once, at the start, and all faults are reported",
    "together as `ERR_CONFIG`; an unknown name is a fault too.",
    "",
    "A dot stands between a group and its member: `encryption.keys` is written `encryption: { keys: […] }`.",
    "A duration is a number of milliseconds, or text such as `5s`, `1m30s`, `500ms` or `200us`.",
    "",
    ...table(others),
    "",
    "## Timings",
    "",
    "The default is the one of the preset `lan`; `wan` and `local` stand beside it where they differ. All nodes of a",
    "cluster should have the same values.",
    "",
    ...table(timings),
    "",
  ].join("\n");
}

function isTiming({ name }: OptionRow): boolean {
  return name.startsWith("timings.");
}

function table(rows: readonly OptionRow[]): string[] {
  const lines = rows.map(({ name, type, unit, default: fallback, bounds, doc }) => {
    const cells = [`\`${name}\``, unit === undefined ? type : `${type} (${unit})`, fallback, bounds, doc];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return ["| option | type | default | bounds | what it does |", "| --- | --- | --- | --- | --- |", ...lines];
}
