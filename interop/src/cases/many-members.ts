import type { Case } from "../case-run.ts";
import type { TestNode } from "../nodes/test-node.ts";
import { expect } from "../until.ts";
import { expectNobodyLost } from "../views.ts";
import { COMPRESS_TYPE, firstBytes } from "../wiretap.ts";

const MEMBERS = 1_000;
const PREFIX = "member-";
const PAIRS = 3;

/**
 * The injected members have no process, so they must not be probed here, and gossip, most of which goes to them, has no
 * effect.
 */
export const manyMembers: Case = {
  name: "many-members",
  shows:
    "Compressed push/pulls of 1,000 members go from Go to Hearsay and on to Go, three times; all arrive as they were.",
  async run(run) {
    run.tune({ probeIntervalMs: 600_000, pushPullIntervalMs: 0 });
    const nodes: TestNode[] = [];
    for (let index = 0; index < PAIRS; index++) {
      const go = await run.startGo(`go-${index}`);
      if (index === 0) await go.peer.injectMembers(MEMBERS, PREFIX);
      for (const node of [go, await run.startHearsay(`hs-${index}`)]) {
        const seed = nodes.at(-1);
        if (seed !== undefined) {
          await node.join(seed.address);
          await run.untilSpread("all members by one join", () => hasAll(node, seed));
        }
        nodes.push(node);
      }
    }
    expectNobodyLost(nodes);
    const first = await firstBytes(run, nodes.slice(0, 2), 1);
    for (const [index, [type]] of first.entries()) {
      expect(type === COMPRESS_TYPE, `the stream of ${nodes[index]?.name} begins with ${type}`);
    }
  },
};

async function hasAll(node: TestNode, seed: TestNode): Promise<string | null> {
  const [seen, wanted] = await Promise.all([node.table(), seed.table()]);
  let missing = 0;
  for (let index = 0; index < MEMBERS; index++) {
    const [here, there] = [seen.get(`${PREFIX}${index}`), wanted.get(`${PREFIX}${index}`)];
    if (there === undefined) return `${seed.name} has lost ${PREFIX}${index}`;
    if (here?.status !== "alive") missing++;
    else if (here.address !== there.address) return `${node.name} has ${PREFIX}${index} at ${here.address}`;
  }
  return missing === 0 ? null : `${node.name} lacks ${missing} of ${MEMBERS} members`;
}
