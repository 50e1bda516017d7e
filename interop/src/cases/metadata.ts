import type { Case } from "../case-run.ts";
import { startPool } from "../pool.ts";
import { expect } from "../until.ts";
import { expectNobodyLost, metaSeen } from "../views.ts";

/** docs/protocol/memberlist.md, section 24 */
const META_BYTES_MAX = 512;

/** Metadata travels in alive messages and in push/pulls. */
export const metadata: Case = {
  name: "metadata",
  shows: "Metadata from the start, changed, of the greatest length and emptied again is seen by all, as an update.",
  async run(run) {
    const { go, hearsay, all } = await startPool(run, {
      go: (index) => ({ meta: Buffer.from(`first of go-${index}`) }),
      hearsay: (index) => ({ meta: `first of hs-${index}` }),
    });
    for (const { name } of all) {
      await run.untilSpread("metadata from the start", () => metaSeen(all, name, Buffer.from(`first of ${name}`)));
    }
    for (const node of [go[0], hearsay[0]]) {
      if (node === undefined) continue;
      for (const length of [10, META_BYTES_MAX, 0]) {
        const meta = new Uint8Array(length).map((_, index) => index);
        const sinceOfGo = go[1]?.peer.events.length ?? 0;
        await node.setMeta(meta);
        await run.untilSpread(`${length} bytes of metadata`, () => metaSeen(all, node.name, meta));
        await go[1]?.peer.waitForMember("update", node.name, run.pace.spreadLimitMs, sinceOfGo);
        const updates = hearsay[1]?.changes.filter(({ kind, name }) => kind === "updated" && name === node.name);
        expect((updates?.length ?? 0) > 0, `hs-1 has reported no update of ${node.name}`);
      }
    }
    expectNobodyLost(all);
  },
};
