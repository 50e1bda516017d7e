import type { Case } from "../case-run.ts";
import type { TestNode } from "../nodes/test-node.ts";
import { endOf, startPool } from "../pool.ts";
import { expect } from "../until.ts";
import { everyoneAlive, expectNobodyLost } from "../views.ts";

/** The Go nodes' log line when a name is claimed from another address (docs/protocol/memberlist.md, section 12.3). */
const CONFLICT = "[ERR] memberlist: Conflicting address for {name}. Mine: {addr} Theirs: {addr} Old state: {n}";
const NAME_IN_USE = "[ERROR] another live node answers to this node's name{any}";
const TWO_CLAIM = "[WARN] two nodes claim one name; the known one stays{any}";

export const nameTakenByHearsay: Case = {
  name: "name-taken-hearsay",
  shows: "A Hearsay node with a taken name ends with ERR_NAME_IN_USE, whichever kind has the name; the others stay.",
  async run(run) {
    const pool = await startPool(run);
    run.rules.allowGo([CONFLICT]);
    run.rules.allowHearsay(["[ERROR] the cluster has failed{any}", NAME_IN_USE, TWO_CLAIM]);
    for (const [owner, seed] of [
      [pool.go[1], pool.hearsay[2]],
      [pool.hearsay[1], pool.go[2]],
    ] as const) {
      if (owner === undefined || seed === undefined) continue;
      const usurper = await run.startHearsay(owner.name, { join: [seed.address] });
      const { status, cause } = await endOf(run, usurper);
      expect(status === "failed" && cause?.code === "ERR_NAME_IN_USE", `the usurper is ${status} with ${cause?.code}`);
      await everyoneStays(pool.all);
    }
  },
};

/** A node that other members already list was first, so a new node, which may be hostile, can't take its name. */
export const nameTakenByGo: Case = {
  name: "name-taken-go",
  shows: "A Go node joins under the name of a Hearsay seed; all keep the seed, which says so in its log and stays.",
  async run(run) {
    const seed = await run.startHearsay("hs-seed");
    const { all } = await startPool(run, { hearsayCount: 2 });
    await all[0]?.join(seed.address);
    const nodes = [seed, ...all];
    await run.untilSpread("the pool with its seed", () => everyoneAlive(nodes));
    run.rules.allowGo([CONFLICT]);
    run.rules.allowHearsay([TWO_CLAIM]);

    const usurper = await run.startGo(seed.name);
    for (const { address } of nodes) await usurper.join(address);
    await usurper.peer.waitFor((event) => event.event === "conflict", run.pace.spreadLimitMs);
    await run.untilSpread("the seed's notice of the conflict", () =>
      seed.logLines.some((line) => line.includes("two nodes claim one name")) ? null : "its log has none",
    );
    await everyoneStays(nodes);
    await usurper.close();
    await everyoneStays(nodes);
    expect(seed.cluster.status === "joined", `the seed is ${seed.cluster.status}`);
  },
};

/** No node has lost a member, and all still list every name at its address. */
async function everyoneStays(all: readonly TestNode[]): Promise<void> {
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
