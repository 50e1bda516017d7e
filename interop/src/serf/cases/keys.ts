import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "../../until.ts";
import type { Peer } from "../peer.ts";
import { KEY, type SerfCase } from "../serf-run.ts";

const NEXT = Buffer.alloc(16, 9).toString("base64");

/** Changes of keys (docs/protocol/serf.md, section 12.2). */
export const keys: SerfCase = {
  name: "keys",
  shows: "The pool's key is changed from either side, and nobody is lost over it.",
  pools: ["encrypted"],
  async run(run) {
    const { all, real, ours } = await run.startPool((name) => {
      const file = join(run.folder, `${name}.keys`);
      writeFileSync(file, JSON.stringify([KEY]), { mode: 0o600 });
      return { flags: [`-keyring-file=${file}`] };
    });
    await rotate(ours[0], KEY, NEXT, all.length);
    await rotate(real[0], NEXT, KEY, all.length);
    for (const peer of all) {
      for (const { name } of all) {
        const events = peer.memberEvents(name);
        expect(!events.includes("member-failed"), `${peer.name} lost ${name}: ${events.join()}`);
      }
    }
    const view = all.map(({ name }) => `${name} alive`);
    await run.untilAllSee(all, view);
  },
};

async function rotate(by: Peer, from: string, to: string, nodes: number): Promise<void> {
  for (const step of [
    () => by.rpc.installKey(to),
    () => by.rpc.useKey(to),
    () => by.rpc.removeKey(from),
    () => by.rpc.listKeys(),
  ]) {
    const { NumNodes, NumResp, NumErr } = await step();
    expect(
      NumNodes === nodes && NumResp === nodes && NumErr === 0,
      `${by.name}: ${NumResp}/${NumNodes}, ${NumErr} failed`,
    );
  }
  const { Keys } = await by.rpc.listKeys();
  const counts = [...(Keys ?? [])].map(([key, count]) => `${key} ${count}`);
  expect(counts.join() === `${to} ${nodes}`, `${by.name} lists ${counts.join()}`);
}
