import type { Case } from "../case-run.ts";
import { spread, text } from "../exercises.ts";
import { startPool } from "../pool.ts";
import { expect } from "../until.ts";
import { expectNobodyLost, heardBy } from "../views.ts";

const LARGE_BYTES = 1_000_000;

/** The Go nodes don't relay messages here, so every message comes from the node that sent it. */
export const messages: Case = {
  name: "messages",
  shows: "Gossip, datagrams and stream messages of either kind reach the other's application, and only their targets.",
  async run(run) {
    const pool = await startPool(run, { go: () => ({ relay: false }) });
    const { go, hearsay, all } = pool;
    for (const from of [go[0], hearsay[0]]) {
      if (from !== undefined) await spread(run, from, all, text(`broadcast of ${from.name}`));
    }
    for (const from of all) {
      for (const to of all) {
        if (from.kind === to.kind) continue;
        for (const reliable of [false, true]) {
          const payload = text(`${from.name} to ${to.name} ${reliable ? "reliably" : "by datagram"}`);
          await from.send(to.name, payload, reliable);
          await run.untilSpread("a direct message", () => heardBy([to], payload));
          const eavesdropper = all.find((node) => node !== to && heardBy([node], payload) === null);
          expect(eavesdropper === undefined, `${eavesdropper?.name} heard a message to ${to.name}`);
          const how = hearsay
            .find((node) => node === to)
            ?.messages.find((message) => Buffer.compare(message.payload, payload) === 0);
          expect(how === undefined || how.reliable === reliable, `${to.name} heard by the wrong way`);
        }
      }
    }
    // Larger than any datagram, and not compressible to the size of one.
    const large = new Uint8Array(LARGE_BYTES).map((_, index) => (index * 2_654_435_761) >>> 13);
    for (const [from, to] of [
      [go[0], hearsay[0]],
      [hearsay[0], go[0]],
    ] as const) {
      if (from === undefined || to === undefined) continue;
      await from.send(to.name, large, true);
      await run.untilSpread("a large message", () => heardBy([to], large));
    }
    expectNobodyLost(all);
  },
};
