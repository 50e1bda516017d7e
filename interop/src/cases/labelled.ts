import type { Case } from "../case-run.ts";
import { exercise } from "../exercises.ts";
import { startPool } from "../pool.ts";
import { expect } from "../until.ts";
import { firstBytes } from "../wiretap.ts";

const LABEL = "mixed/label";
/** docs/protocol/memberlist.md, section 2 */
const LABEL_TYPE = 244;

/** Every packet and every stream begins with the label (docs/protocol/memberlist.md, section 9). */
export const labelled: Case = {
  name: "labelled",
  shows: "The same with a label on everything.",
  async run(run) {
    const pool = await startPool(run, { go: () => ({ label: LABEL }), hearsay: () => ({ label: LABEL }) });
    await exercise(run, pool);
    for (const [type, length] of await firstBytes(run, pool.all.slice(0, 2), 2)) {
      expect(type === LABEL_TYPE && length === LABEL.length, `a stream begins with ${type}, ${length}`);
    }
  },
};
