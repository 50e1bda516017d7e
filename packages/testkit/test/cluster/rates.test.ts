import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { APPLICATION } from "@hearsay/core";
import { PING } from "@hearsay/core/wire";
import { SimCluster } from "@hearsay/testkit/cluster/sim-cluster";

describe("by the rules that are shipped, a node", () => {
  it("gossips every gossip interval, give or take a tenth, to three members, until the rumor is spent", () => {
    const cluster = new SimCluster({ nodes: 40, seed: 1, config: { probeIntervalMs: 0, pushPullIntervalMs: 0 } });
    cluster.run(30_000);
    const [teller] = cluster.nodes;
    assert.ok(teller !== undefined);
    assert.equal(teller.swim.occupancy.rumors, 0, "the news of its own start is told");
    const sent: number[] = [];
    cluster.observe({ datagram: (from) => from === teller && sent.push(cluster.now) });
    teller.broadcast(Uint8Array.of(1), { rumorClass: APPLICATION, isEager: false });
    cluster.run(10_000);
    // 4·⌈log10 41⌉ transmissions.
    assert.equal(sent.length, 8);
    const ticks = [...new Set(sent)];
    assert.deepEqual(
      ticks.map((at) => sent.filter((other) => other === at).length),
      [3, 3, 2],
    );
    for (const [i, at] of ticks.entries()) {
      const gap = at - (ticks[i - 1] ?? at - 200);
      assert.ok(gap >= 180 && gap <= 220, `${gap} ms between two ticks`);
    }
  });

  it("pings one member every probe interval, give or take a tenth, and each of nine within 17 of them", () => {
    const cluster = new SimCluster({ nodes: 10, seed: 1, config: { gossipIntervalMs: 0, pushPullIntervalMs: 0 } });
    // The news of everybody's start rides on the first pings.
    cluster.run(20_000);
    const [prober] = cluster.nodes;
    const pings: { readonly at: number; readonly to: string }[] = [];
    cluster.observe({
      datagram: (from, to, bytes) => {
        if (from === prober && bytes[0] === PING) pings.push({ at: cluster.now, to: to.key });
      },
    });
    cluster.run(60_000);
    for (const [i, { at }] of pings.entries()) {
      const gap = at - (pings[i - 1]?.at ?? at - 1000);
      assert.ok(gap >= 900 && gap <= 1100, `${gap} ms between two pings`);
    }
    // Each round is a shuffled list of the nine others, and any 17 pings in a row hold a whole one.
    assert.ok(pings.length >= 54);
    for (let from = 0; from + 17 <= pings.length; from++) {
      assert.equal(new Set(pings.slice(from, from + 17).map(({ to }) => to)).size, 9, `from ping ${from} on`);
    }
  });

  it("is pinged by each of the others, all of which go round in an order that they draw anew each time", () => {
    const cluster = new SimCluster({ nodes: 10, seed: 2, config: { gossipIntervalMs: 0, pushPullIntervalMs: 0 } });
    cluster.run(20_000);
    const pinged = new Map<string, string[]>(cluster.nodes.map(({ name }) => [name, []]));
    cluster.observe({
      datagram: (from, to, bytes) => void (bytes[0] === PING && pinged.get(from.name)?.push(to.key)),
    });
    cluster.run(90_000);
    for (const [prober, targets] of pinged) {
      assert.equal(new Set(targets).size, 9, `whom ${prober} pings`);
      // In a ring, or in rounds of one order, each would have one that follows it.
      const followers = new Set(targets.slice(1).map((to, i) => `${targets[i]} ${to}`));
      assert.ok(followers.size > 30, `${followers.size} different steps of ${prober}`);
    }
  });

  it("pings nobody whom it holds dead", () => {
    const cluster = new SimCluster({ nodes: 4, seed: 1, discovery: false });
    cluster.run(5000);
    const victim = cluster.node(3);
    cluster.crash(victim);
    const others = cluster.nodes.filter((node) => node !== victim);
    assert.ok(cluster.runUntil(() => others.every(({ swim }) => swim.statusOf(victim.name) === "failed"), 60_000));
    const before = others.map(({ swim }) => swim.counters.probesFailed);
    // What was under way fails yet.
    cluster.run(2000);
    const settled = others.map(({ swim }) => swim.counters.probesFailed);
    // For as long as the dead stay in the table; only the way back after a partition asks for them, by itself.
    cluster.run(25_000);
    assert.equal(cluster.node(0).swim.statusOf(victim.name), "failed");
    assert.deepEqual(
      others.map(({ swim }) => swim.counters.probesFailed),
      settled,
      `failed before: ${before.join(", ")}`,
    );
  });
});
