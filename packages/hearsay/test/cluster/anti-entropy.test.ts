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

describe("a member's sinceMs", () => {
  it("is when its status last changed: joined, suspected, failed, and back", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    const observer = network.node("node-1");
    const seen: { readonly status: string; readonly ageMs: number }[] = [];
    const read = async (): Promise<void> => {
      for await (const item of observer.changes()) {
        if (item.type === "snapshot" || item.member.name !== "node-3") continue;
        seen.push({ status: item.member.status, ageMs: network.wallNowMs - item.member.sinceMs });
      }
    };
    void read();
    await network.advance("10s");
    network.crash("node-3");
    await network.until(() => observer.member("node-3")?.status === "dead");
    await network.advance("5s");
    assert.equal(network.wallNowMs - (observer.member("node-3")?.sinceMs ?? 0) >= 5000, true);
    await network.restart("node-3");
    await network.until(() => observer.member("node-3")?.status === "alive");
    assert.deepEqual(
      seen.map(({ status }) => status),
      ["suspect", "dead", "alive"],
    );
    for (const { status, ageMs } of seen) assert.ok(Math.abs(ageMs) <= 1, `${status} since ${ageMs} ms`);
  });
});
