import { randomBytes } from "node:crypto";
import type { Case, CaseRun } from "../case-run.ts";
import { exercise, spread, text } from "../exercises.ts";
import { type Pool, startPool } from "../pool.ts";
import { expect } from "../until.ts";
import { everyoneAlive, expectNobodyLost } from "../views.ts";

/** Adds, uses and removes a key, each on all nodes; during a step, nodes before and after it exchange messages. */
export const keyRotation: Case = {
  name: "key-rotation",
  shows: "The key is changed on the running cluster, node by node, and nobody is lost or suspected.",
  async run(run) {
    const [oldKey, newKey] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(16))];
    const pool = await startPool(run, {
      go: () => ({ keys: [oldKey] }),
      hearsay: () => ({ encryption: { keys: [oldKey] } }),
    });
    await step(run, pool, "add", newKey);
    await step(run, pool, "use", newKey);
    await step(run, pool, "remove", oldKey);
    for (const { cluster, name } of pool.hearsay) {
      expect(cluster.keys.local.list().length === 1, `${name} has kept the old key`);
    }
    await exercise(run, pool);
    // Only the new key opens what the new node sends.
    const late = await run.startGo("go-late", { keys: [newKey] });
    await late.join(pool.hearsay[0]?.address ?? "");
    await run.untilSpread("a newcomer with the new key", () => everyoneAlive([...pool.all, late]));
    for (const { changes, name } of pool.hearsay) {
      expect(!changes.some(({ kind }) => kind === "suspected"), `${name} suspected somebody during the rotation`);
    }
  },
};

/**
 * Makes one step of the rotation on every node in turn, with gossip from a node after the step and from one before it.
 */
async function step(run: CaseRun, pool: Pool, action: "add" | "use" | "remove", key: Uint8Array): Promise<void> {
  for (let index = 0; index < Math.max(pool.go.length, pool.hearsay.length); index++) {
    await pool.go[index]?.peer.keyring(action, key);
    await spread(run, pool.all[0] ?? fail(), pool.all, text(`${action} ${index}, from the first`));
    await pool.hearsay[index]?.cluster.keys.local[action](key);
    await spread(run, pool.all.at(-1) ?? fail(), pool.all, text(`${action} ${index}, from the last`));
  }
  await run.untilSpread(`everybody after "${action}"`, () => everyoneAlive(pool.all));
  expectNobodyLost(pool.all);
}

function fail(): never {
  throw new Error("the pool is empty");
}
