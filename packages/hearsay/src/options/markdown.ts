import type { Table } from "../forms/form.ts";
import { CLUSTER_OPTIONS } from "./table.ts";

/** One option as docs/reference/options.md shows it. */
export interface OptionEntry {
  /** The path, with a dot between a group and its member. */
  readonly name: string;
  readonly type: string;
  readonly default: string;
  readonly bounds: string;
  readonly doc: string;
}

/** Every option, in the order of docs/reference/options.md. */
export const OPTIONS: readonly OptionEntry[] = entries(CLUSTER_OPTIONS, "");

/** The text of docs/reference/options.md, generated from the table. */
export function optionsMarkdown(): string {
  const [timings, others] = [OPTIONS.filter(isTiming), OPTIONS.filter((row) => !isTiming(row))];
  return [
    "# Options",
    "",
    "All options of `createCluster`. They are checked once, at the start, and all faults are reported together as",
    "`ERR_CONFIG`; an unknown name is a fault, too.",
    "",
    "A dot separates a group from its member: `encryption.keys` is written `encryption: { keys: […] }`.",
    "A duration is a number of milliseconds, or text such as `5s`, `1m30s`, `500ms` or `200us`.",
    "",
    ...table(others),
    "",
    "## Timings",
    "",
    "The defaults are those of the preset `lan`; those of `wan` and `local` follow in parentheses if they differ. All",
    "nodes of a cluster should have the same values.",
    "",
    ...table(timings),
    "",
  ].join("\n");
}

function isTiming({ name }: OptionEntry): boolean {
  return name.startsWith("timings.");
}

function entries(rows: Table, prefix: string): OptionEntry[] {
  return Object.entries(rows).flatMap(([name, { form, default: fallback, doc }]) => {
    const type = form.unit === undefined ? form.type : `${form.type} (${form.unit})`;
    const entry = { name: `${prefix}${name}`, type, default: fallback, bounds: form.bounds, doc };
    return [entry, ...entries(form.parts ?? {}, `${prefix}${name}.`)];
  });
}

function table(rows: readonly OptionEntry[]): string[] {
  const lines = rows.map(({ name, type, default: fallback, bounds, doc }) => {
    const cells = [`\`${name}\``, type, fallback, bounds, doc];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return ["| option | type | default | bounds | what it does |", "| --- | --- | --- | --- | --- |", ...lines];
}
