import type { Case } from "../case-run.ts";
import { type Pool, startPool } from "../pool.ts";
import { expect } from "../until.ts";
import { everyoneAlive, expectNobodyLost } from "../views.ts";

/** What the Go nodes say when a name is claimed from another address (docs/protocol/memberlist.md, section 12.3). */
const CONFLICT = "[ERR] memberlist: Conflicting address for {name}. Mine: {addr} Theirs: {addr} Old state: {n}";

export const nameTakenByHearsay: Case = {
  name: "name-taken-hearsay",
  shows: "A Hearsay node with a taken name ends with ERR_NAME_IN_USE, whichever kind has the name; the others stay.",
  async run(run) {
    const pool = await startPool(run);
    run.rules.allowGo([CONFLICT]);
    run.rules.allowHearsay([
      "[ERROR] the cluster has failed{any}",
      "[ERROR] another live node answers to this node's name{any}",
      "[WARN] two nodes claim one name; the known one stays{any}",
    ]);
    for (const [owner, seed] of [
      [pool.go[1], pool.hearsay[2]],
      [pool.hearsay[1], pool.go[2]],
    ] as const) {
      if (owner === undefined || seed === undefined) continue;
      const usurper = await run.startHearsay(owner.name, { join: [seed.address] });
      const { state, cause } = await usurper.cluster.closed;
      expect(state === "failed" && cause?.code === "ERR_NAME_IN_USE", `the usurper is ${state} with ${cause?.code}`);
      await everyoneStays(pool);
    }
  },
};

export const nameTakenByGo: Case = {
  name: "name-taken-go",
  shows: "A Go node joins with a name that a Hearsay node has; all keep the node they know, which stays a member.",
  async run(run) {
    const pool = await startPool(run);
    run.rules.allowGo([CONFLICT]);
    run.rules.allowHearsay([
      "[ERROR] another live node answers to this node's name{any}",
      "[WARN] two nodes claim one name; the known one stays{any}",
    ]);
    const owner = pool.hearsay[0];
    expect(owner !== undefined, "there is no owner of the name");
    const usurper = await run.startGo(owner.name);
    await usurper.join(pool.go[1]?.address ?? "");
    await usurper.peer.waitFor((event) => event.event === "conflict", run.pace.spreadLimitMs);
    await run.untilSpread("the conflict at its owner", () =>
      owner.logLines.some((line) => line.includes("another live node")) ? null : "the owner has not noticed",
    );
    await everyoneStays(pool);
    await usurper.close();
    await everyoneStays(pool);
  },
};

/** Nobody has lost a member, and all still have every name at the address that it had. */
async function everyoneStays({ all }: Pool): Promise<void> {
  const gap = await everyoneAlive(all);
  expect(gap === null, `after the conflict ${gap}`);
  for (const { name, address } of all) {
    for (const node of all) {
      const seen = (await node.table()).get(name)?.address;
      expect(seen === address, `${node.name} has ${name} at ${seen} and not at ${address}`);
    }
  }
  expectNobodyLost(all);
}
