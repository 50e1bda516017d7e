import { PROFILE_NAMES } from "../profile-names.ts";
import { PROFILES } from "../profiles.ts";
import { environmentCase, flagCase } from "../sources/names.ts";
import { LONGBOW } from "../spellings/longbow.ts";
import { OPENGSLB } from "../spellings/opengslb.ts";
import { type ConfigKey, VALUE_KEYS } from "./keys.ts";

/** The text of docs/reference/agent-options.md, generated from the schema. */
export function agentOptionsMarkdown(): string {
  return [
    "# Configuration of the agent",
    "",
    "Every key that `hearsay agent` takes, with its names in the environment, on the command line, and in the files of",
    "OpenGSLB and Longbow. A file is YAML or JSON; a dot separates a group from its member. Durations are text such as",
    "`5s`, `1m30s`, `500ms`. [The guide](../guides/agent-configuration.md) shows how the sources come together.",
    "",
    "In the environment and on the command line, a list is written with commas between its elements, and tags as",
    "`role=api,zone=b`; event handlers may have commas, so each stands in a line or a flag of its own. Keys that are secret",
    "are no flags.",
    "",
    "## Profiles",
    "",
    "| profile | for | preset | its own values |",
    "| --- | --- | --- | --- |",
    ...PROFILE_NAMES.map((name) => {
      const { about, preset, values, needsKey, missing } = PROFILES[name];
      const own = Object.entries(values).map(([key, value]) => `\`${key}\`: ${value}`);
      if (needsKey) own.push("a key is demanded");
      if (missing !== undefined) own.push(`refused so far, for want of ${missing}`);
      return row([`\`${name}\``, about, `\`${preset}\``, own.join("; ") || "none"]);
    }),
    "",
    "[The options](options.md) have the timings of each preset.",
    "",
    "## Keys",
    "",
    "| key | type | default | bounds | what it does | environment, flag | elsewhere |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...VALUE_KEYS.map(keyRow),
    "",
  ].join("\n");
}

function keyRow({ path, row: { form, default: fallback, doc } }: ConfigKey): string {
  const type = form.unit === undefined ? form.type : `${form.type} (${form.unit})`;
  const names = [`\`HEARSAY_${environmentCase(path)}\``];
  if (form.isSecret !== true) names.push(`\`--${flagCase(path)}\``);
  const elsewhere = [OPENGSLB, LONGBOW].flatMap((spelling) =>
    [...spelling.names].flatMap(([name, { stands }]) => (stands === path ? [`\`${name}\``] : [])),
  );
  return row([`\`${path}\``, type, fallback, form.bounds, doc, names.join(", "), elsewhere.join(", ")]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
