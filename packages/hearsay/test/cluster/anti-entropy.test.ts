import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";

/** What each node takes for a member's version. */
function versionsOf(name: string, clusters: readonly Cluster[]): (string | undefined)[] {
  return clusters.map((cluster) => cluster.member(name)?.tags["version"]);
}

describe("push/pull", () => {
  it("brings everybody what no datagram brought, a few periods later", async () => {
    await using network = await testNetwork({
      nodes: 5,
      // Nobody is suspected, or the way back from that would bring the news, too.
      options: { tags: { version: "1" }, timings: { probeInterval: 0 } },
    });
    await network.until(() => network.converged());
    await network.advance("10s");
    const [one, ...others] = network.nodes;
    assert.ok(one !== undefined);
    // Streams get through, late.
    network.setConditions({ lossPercent: 100 });
    await network.run(one.setTags({ version: "2" }));
    assert.deepEqual(versionsOf("node-1", others), ["1", "1", "1", "1"]);
    // In each period of 30 s every node exchanges states with one of the four others.
    await network.until(() => versionsOf("node-1", others).every((version) => version === "2"), "150s");
    assert.ok(network.converged());
  });

  it("teaches one member of each pool, and gossip tells the rest of both", async () => {
    const none = { options: { timings: { pushPullInterval: 0 }, join: [] } };
    await using network = await testNetwork({ nodes: 1, ...none });
    const names = Array.from({ length: 12 }, (_, i) => `node-${i + 1}`);
    const [left, right] = [names.slice(0, 6), names.slice(6)];
    for (const name of names.slice(1)) {
      await network.add({ join: name === "node-7" ? [] : [left.includes(name) ? "10.0.0.1" : "10.0.0.7"] });
    }
    await network.until(() => network.converged(...left) && network.converged(...right));
    await network.advance("10s");
    await network.run(network.node("node-2").join(["10.0.0.8"]));
    await network.until(() => network.converged(), "2s");
  });
});
