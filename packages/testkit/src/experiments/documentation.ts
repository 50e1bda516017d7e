import type { Experiment, Finding } from "./finding.ts";
import { markdownTable } from "./table.ts";

const INTRODUCTION = `# The papers' experiments

What SWIM's and Lifeguard's papers and memberlist's behaviour let one expect, and what Hearsay's own state machines do.
Every number comes from \`Swim\` of \`@hearsay/core\`, or its \`CoordinateClient\`: the objects that production runs, on
virtual time and a virtual network. There is no second implementation for simulations.

\`\`\`sh
npm run experiments                     # all of them, in full: hours, most of them for E20 on all processors; 7 GB for N=10,000
npm run experiments -- e5 e7 --quick    # two of them, in seconds
npm run experiments -- e5 --write       # one of them, in full, and its section of this page
\`\`\`

A row gives the seeds it was made from, which are always 1, 2, 3 and so on: the same command gives the same numbers. The
band in parentheses is what the found value must lie in. \`paper\` and \`closed form\` are published or follow from a
formula, a \`promise\` is the protocol's, and \`reference\` is what the reference's own code gave. A \`sketch\` is the
value of an earlier, short simulation, which was made before this code and is not part of the repository: its band guards
against change and proves nothing beyond that. Where this code contradicts a sketch, the row says
\`sketch, re-measured\`, expects what was measured here and gives the sketch's value last. \`measured here\` is what the
shipped rules gave when the row was made. Rows marked \`shown\` stand beside the others for comparison and promise
nothing. Quick forms of all of them run with every \`npm test\`.
`;

/** What a section of the page is made from. */
export interface Section {
  readonly experiment: Experiment;
  readonly findings: readonly Finding[];
  /** Date and commit, to reproduce the numbers. */
  readonly made: string;
}

/**
 * The whole page of the documentation: the findings of the experiments that ran, and the former sections of the others,
 * since nobody runs all of them at once. `ids` gives the order.
 */
export function documentation(ids: readonly string[], results: readonly Section[], formerPage: string): string {
  const sections = new Map<string, string>();
  for (const section of formerPage.split(/^(?=## )/m)) {
    const id = /^## (\w+):/.exec(section)?.[1];
    if (id !== undefined) sections.set(id, `${section.trimEnd()}\n`);
  }
  for (const { experiment, findings, made } of results) {
    const { id, title, method } = experiment;
    sections.set(id, `## ${id}: ${title}\n\n${wrapped(method)}\n\n${markdownTable(findings)}\n\n${made}\n`);
  }
  return [INTRODUCTION, ...ids.flatMap((id) => sections.get(id) ?? [])].join("\n");
}

/** Wraps the text into lines of at most 120 characters. */
function wrapped(text: string): string {
  return text.replace(/(?![^\n]{1,120}$)([^\n]{1,120})\s/g, "$1\n");
}
