import type { Case } from "../case-run.ts";
import { exercise } from "../exercises.ts";
import { startPool } from "../pool.ts";

const LABEL = "mixed/label";

/** Every packet and every stream begins with the label (docs/protocol/memberlist.md, section 9). */
export const labelled: Case = {
  name: "labelled",
  shows: "The same with a label on everything.",
  async run(run) {
    await exercise(run, await startPool(run, { go: () => ({ label: LABEL }), hearsay: () => ({ label: LABEL }) }));
  },
};
