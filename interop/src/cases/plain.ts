import type { Case } from "../case-run.ts";
import { exercise } from "../exercises.ts";
import { startPool } from "../pool.ts";

const STATE_BYTES = 100_000;

/** The defaults only, with an application on the Go side that adds state to every push/pull. */
export const plain: Case = {
  name: "plain",
  shows: "Three nodes of each kind join each other, exchange states, messages and metadata, and lose nobody.",
  async run(run) {
    const pool = await startPool(run, { go: () => ({ stateBytes: STATE_BYTES }) });
    await exercise(run, pool);
  },
};
