import type { Case } from "../case-run.ts";
import { startPool } from "../pool.ts";
import type { TestNode } from "../nodes/test-node.ts";
import { expectNobodyLost } from "../views.ts";

const MEMBERS = 1_000;
const PREFIX = "member-";

/** Nobody runs the members, so that nobody may probe them here; they travel by push/pull, and then by gossip. */
export const manyMembers: Case = {
  name: "many-members",
  shows: "A push/pull of 1,000 members reaches Hearsay from Go and Go from Hearsay, every member alive and as it was.",
  async run(run) {
    run.tune({ probeIntervalMs: 600_000, pushPullIntervalMs: 0 });
    const first = await startPool(run);
    const goFirst = await run.startGo("go-full");
    await goFirst.peer.injectMembers(MEMBERS, PREFIX);

    // By Hearsay's join, then through that node alone by a join of Go's.
    const hearsay = await run.startHearsay("hs-joins-full");
    await hearsay.join(goFirst.address);
    await run.untilSpread("all members by a join", () => hasAll(hearsay, goFirst));
    const goNext = await run.startGo("go-joins-next");
    await goNext.join(hearsay.address);
    await run.untilSpread("all members at the next Go node", () => hasAll(goNext, goFirst));

    // And into a cluster that stands, whose others hear of them by gossip only.
    await first.hearsay[0]?.join(goNext.address);
    for (const node of first.all) {
      await run.untilDetected(`all members at ${node.name}`, () => hasAll(node, goFirst));
    }
    expectNobodyLost([...first.all, goFirst, hearsay, goNext]);
  },
};

async function hasAll(node: TestNode, origin: TestNode): Promise<string | null> {
  const [seen, wanted] = await Promise.all([node.table(), origin.table()]);
  let missing = 0;
  for (let index = 0; index < MEMBERS; index++) {
    const [here, there] = [seen.get(`${PREFIX}${index}`), wanted.get(`${PREFIX}${index}`)];
    if (there === undefined) return `${origin.name} has lost ${PREFIX}${index}`;
    if (here?.status !== "alive") missing++;
    else if (here.address !== there.address) return `${node.name} has ${PREFIX}${index} at ${here.address}`;
  }
  return missing === 0 ? null : `${node.name} lacks ${missing} of ${MEMBERS} members`;
}
