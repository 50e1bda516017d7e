import type { Case } from "../case-run.ts";
import { expect } from "../until.ts";
import { everyoneAlive } from "../views.ts";

/** A join is a push/pull (docs/protocol/memberlist.md, section 19); its answer alone must show the whole cluster. */
export const join: Case = {
  name: "join",
  shows: "Either kind joins the other, and the exchange itself, not gossip, tells each everybody.",
  async run(run) {
    run.tune({ pushPullIntervalMs: 600_000 });
    const go = await run.startGo("go-0");
    const hearsay = await run.startHearsay("hs-0");
    const report = await hearsay.cluster.join(go.address);
    expect(report.contacted === 1, `the join reached ${report.contacted} nodes`);
    // Checked within one tick of the join, before any gossip could arrive.
    expect(hearsay.rows().get("go-0")?.status === "alive", "the answer has not told Hearsay of the Go node");
    await run.untilSpread("the first two", () => everyoneAlive([go, hearsay]));

    const laterGo = await run.startGo("go-1");
    const since = laterGo.peer.events.length;
    expect((await laterGo.peer.join([hearsay.address])) === 1, "the Go node reached nobody");
    const named = new Set((await laterGo.peer.members()).map(({ name }) => name));
    expect(named.has("go-0") && named.has("hs-0"), `the Go node knows only ${[...named].join(", ")} after its join`);
    await laterGo.peer.waitForMember("join", "hs-0", run.pace.spreadLimitMs, since);

    // The option `join` of createCluster works as the method does, and waits for the cluster in the background.
    const laterHearsay = await run.startHearsay("hs-1", { join: [laterGo.address] });
    await laterHearsay.cluster.ready({ members: 4, signal: AbortSignal.timeout(run.pace.spreadLimitMs) });
    await run.untilSpread("all four", () => everyoneAlive([go, hearsay, laterGo, laterHearsay]));

    // Addresses without a listener must not spoil the join of one that works.
    const last = await run.startHearsay("hs-2");
    const mixed = await last.cluster.join(["127.0.0.1:9", go.address]);
    expect(mixed.contacted === 1 && mixed.failures.length === 1, `contacted ${mixed.contacted} of two addresses`);
    await run.untilSpread("all five", () => everyoneAlive([go, hearsay, laterGo, laterHearsay, last]));
  },
};
