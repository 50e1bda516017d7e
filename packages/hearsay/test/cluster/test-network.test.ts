import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster } from "../../dist/index.js";
import { type TestNetwork, testNetwork } from "../../dist/testing/index.js";
import { rejection, view } from "./support.js";

/** Everything that happens to members, as every node sees it. */
interface Maths {
  readonly requests: { readonly double: (n: number) => number; readonly half: (n: number) => number };
}

function follow(network: TestNetwork): string[] {
  const log: string[] = [];
  const read = async (cluster: Cluster): Promise<void> => {
    for await (const item of cluster.changes()) {
      if (item.type === "snapshot") continue;
      const { member, cause } = item;
      log.push(
        `${network.nowMs} ${cluster.self.name}: ${item.type} ${member.name}@${member.incarnation} by ${cause.by}`,
      );
    }
  };
  for (const cluster of network.nodes) void read(cluster);
  return log;
}

describe("a test network", () => {
  it("makes clusters that find each other without sockets and without waiting", async () => {
    await using network = await testNetwork({ nodes: 5 });
    assert.deepEqual(
      network.nodes.map(({ self }) => `${self.name} ${self.address}`),
      [1, 2, 3, 4, 5].map((i) => `node-${i} 10.0.0.${i}:7946`),
    );
    assert.equal(network.converged(), false);
    await network.until(() => network.converged(), "10s");
    for (const cluster of network.nodes) assert.equal(cluster.members().length, 5);
  });

  it("lets exactly as much time pass as it is told, for the nodes' wall clock too", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const before = network.wallNowMs;
    await network.advance("1m30s");
    await network.advance(500);
    assert.equal(network.nowMs, 90_500);
    assert.equal(network.wallNowMs - before, 90_500);
    assert.equal(before, Date.parse("2026-01-01T00:00:00Z"));
    assert.equal(network.node("node-1").member("node-1")?.sinceMs, before);
  });

  it("repeats one history for one seed, and another for another", async () => {
    const history = async (seed: number): Promise<string[]> => {
      await using network = await testNetwork({ nodes: 4, seed, jitterMs: 3, lossPercent: 10 });
      const log = follow(network);
      await network.advance("5s");
      network.partition(["node-1", "node-2"]);
      await network.advance("20s");
      network.heal();
      network.crash("node-4");
      await network.advance("30s");
      await network.restart("node-4");
      await network.run(network.node("node-3").leave());
      await network.advance("20s");
      return log;
    };
    const first = await history(7);
    assert.ok(first.length > 20, "there should be a history");
    assert.deepEqual(await history(7), first);
    assert.notDeepEqual(await history(8), first);
  });

  it("splits at a partition, and each side goes on as a cluster of its own", async () => {
    await using network = await testNetwork({ nodes: 5 });
    await network.until(() => network.converged());
    network.partition(["node-1", "node-2"]);
    const sides = [
      ["node-1", "node-2"],
      ["node-3", "node-4", "node-5"],
    ];
    await network.until(() => sides.every((side) => network.converged(...side)), "30s");
    assert.equal(network.converged(), false);
    network.heal();
    await network.until(() => network.converged(), "2m");
  });

  it("a one-way cut hides nobody, since helpers reach both ends", async () => {
    await using network = await testNetwork({ nodes: 4 });
    await network.until(() => network.converged());
    network.cut("node-1", "node-2");
    await network.advance("2m");
    assert.ok(network.converged());
    assert.ok(network.node("node-1").stats().counters.probesRescued > 0);
    // Nobody was accused and then cleared, either.
    for (const cluster of network.nodes) assert.equal(cluster.stats().counters.suspicionsRaised, 0, cluster.self.name);
  });

  it("a crashed node is found out, and comes back under its name with a restart", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    const crashed = network.node("node-3");
    network.crash("node-3");
    assert.deepEqual(await crashed.closed, { status: "closed", cause: null });
    await network.until(() => network.node("node-1").member("node-3")?.status === "failed", "30s");
    const restarted = await network.restart("node-3");
    assert.notEqual(restarted, crashed);
    assert.equal(network.node("node-3"), restarted);
    assert.equal(restarted.self.address, crashed.self.address);
    await network.until(() => network.converged(), "30s");
  });

  it("a death that one node finds out goes from each to the next, who can hear of it from nobody else", async () => {
    const pushPullInterval = 0;
    await using network = await testNetwork({ nodes: 1, options: { timings: { pushPullInterval } } });
    for (let i = 2; i <= 5; i++) await network.add({ timings: { pushPullInterval, probeInterval: 0 } });
    await network.until(() => network.converged());
    await network.advance("10s");
    for (const far of ["node-3", "node-4"]) network.cut("node-1", far);
    network.cut("node-2", "node-4");
    network.crash("node-5");
    const others = network.nodes.slice(0, 4);
    await network.until(() => others.every((cluster) => cluster.member("node-5")?.status === "failed"), "60s");
    const first = others.map((cluster) => cluster.explain("node-5").find(({ kind }) => kind === "accused"));
    assert.deepEqual(
      first.map((cause) => [cause?.by, cause?.path, cause?.from?.host ?? "itself"]),
      [
        ["node-1", "probe", "itself"],
        ["node-1", "packet", "10.0.0.1"],
        ["node-1", "packet", "10.0.0.2"],
        ["node-1", "packet", "10.0.0.3"],
      ],
    );
  });

  it("a paused node is held to be dead, and refutes it when it goes on", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    network.pause("node-2");
    // Those that run agree without it.
    await network.until(() => network.converged(), "30s");
    assert.equal(network.node("node-1").member("node-2")?.status, "failed");
    network.resume("node-2");
    await network.until(() => network.converged(), "30s");
    const member = network.node("node-1").member("node-2");
    assert.ok((member?.incarnation ?? 0) > 1, "it answered with a higher incarnation");
  });

  it("a node that was blocked for half a second accuses nobody and knows that it was slow", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    for (let i = 0; i < 10; i++) {
      network.pause("node-2");
      await network.advance("500ms");
      network.resume("node-2");
      await network.advance("300ms");
    }
    assert.ok(network.node("node-2").stats().counters.lateCalls > 0);
    for (const cluster of network.nodes) assert.equal(cluster.stats().counters.suspicionsRaised, 0);
  });

  it("holds together with a tenth of all datagrams lost", async () => {
    await using network = await testNetwork({ nodes: 6, lossPercent: 10, latencyMs: 5, jitterMs: 10 });
    await network.until(() => network.converged());
    await network.advance("2m");
    for (const cluster of network.nodes) assert.ok(!view(cluster).join().includes("failed"));
    assert.ok(network.node("node-1").stats().counters.probesRescued > 0);
  });

  it("tells what every node sees when a condition doesn't come true in time", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.advance("1s");
    const error = await rejection(
      network.until(() => false, "3s"),
      "ERR_TIMEOUT",
    );
    assert.match(
      error.message,
      /node-1 is joined and sees node-1 alive, node-2 alive; .*not within 3s of virtual time/,
    );
    assert.equal(error.data.timeoutMs, 3000);
    assert.ok(network.nowMs <= 4000);
  });

  it("passes on what a promise comes to, and gives up one that doesn't settle", async () => {
    await using network = await testNetwork<Maths>({ nodes: 2, options: { extensions: "all" } });
    const [one, two] = network.nodes;
    assert.ok(one !== undefined && two !== undefined);
    await network.run(one.ready({ members: 2 }));
    two.onRequest("double", (n: number) => 2 * n);
    assert.equal(await network.run(one.request("node-2", "double", 21)), 42);
    await rejection(network.run(one.request("node-2", "half", 1)), "ERR_NO_HANDLER");
    await rejection(network.run(new Promise(() => {}), "1s"), "ERR_TIMEOUT");
  });

  it("refuses to be moved by two at once, and nonsense", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const moving = network.advance("1s");
    await rejection(network.advance("1s"), "ERR_CONFIG");
    await moving;
    await rejection(network.advance("soon"), "ERR_CONFIG");
    await rejection(testNetwork({ nodes: -1 }), "ERR_CONFIG");
    await rejection(testNetwork({ lossPercent: 101 }), "ERR_CONFIG");
    await rejection(testNetwork({ options: { nodeName: "" }, nodes: 1 }), "ERR_CONFIG");
    assert.throws(() => network.crash("nobody"), { code: "ERR_UNKNOWN_MEMBER" });
  });

  it("closes all its clusters, however they are", async () => {
    const network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    network.crash("node-1");
    network.pause("node-2");
    await network.close();
    assert.deepEqual(
      network.nodes.map(({ status }) => status),
      ["closed", "closed", "closed"],
    );
    await network.close();
  });
});
