import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { APPLICATION } from "@hearsay/core";
import { disagreements } from "@hearsay/testkit/cluster/agreement";
import { SimCluster } from "@hearsay/testkit/cluster/sim-cluster";
import type { SimClusterOptions } from "@hearsay/testkit/cluster/sim-options";
import { RelayLayer, type RelayRules } from "./relay-layer.ts";

/** Everything that was sent, by whom and when, as one text. */
function history(options: SimClusterOptions, ms: number): string {
  const cluster = new SimCluster(options);
  const lines: string[] = [];
  cluster.observe({
    datagram: (from, to, bytes) => lines.push(`${cluster.now} ${from.name} ${to.key} ${bytes.join(",")}`),
  });
  if (options.views === "alone") cluster.joinAll();
  cluster.run(ms);
  return lines.join("\n");
}

describe("a simulated cluster", () => {
  const options: SimClusterOptions = { nodes: 5, seed: 3, views: "alone", network: { loss: 0.1, jitterMs: 3 } };

  it("lives the same history again from the same seed, byte for byte", () => {
    const first = history(options, 20_000);
    assert.ok(first.length > 10_000);
    assert.equal(history(options, 20_000), first);
  });

  it("lives another history from another seed", () => {
    assert.notEqual(history({ ...options, seed: 4 }, 20_000), history(options, 20_000));
  });

  it("comes to agree when nodes that know nobody join through the first few", () => {
    const cluster = new SimCluster({ nodes: 12, seed: 1, views: "alone" });
    assert.equal(disagreements(cluster, 1000).length, 132);
    cluster.joinAll();
    assert.ok(cluster.runUntil(() => disagreements(cluster).length === 0, 5_000, 100));
  });

  it("accuses nobody while nothing is wrong", () => {
    for (const rules of ["hearsay", "memberlist", "swim"] as const) {
      const cluster = new SimCluster({ nodes: 20, seed: 2, rules });
      cluster.run(120_000);
      assert.deepEqual(
        cluster.nodes.filter(({ swim }) => swim.counters.suspicionsRaised > 0 || swim.counters.probesFailed > 0),
        [],
      );
    }
  });

  it("shares one record of each member among all views", () => {
    const cluster = new SimCluster({ nodes: 3, seed: 1 });
    cluster.run(5000);
    const [a, b] = [cluster.node(0).swim.member("n2"), cluster.node(1).swim.member("n2")];
    assert.ok(a !== undefined && b !== undefined);
    assert.equal(a.address, b.address);
  });

  it("ticks together or in phases, as asked", () => {
    const pings = (phases: "together" | "random"): number => {
      const times = new Set<number>();
      const cluster = new SimCluster({ nodes: 10, seed: 1, rules: "swim", phases, config: { gossipIntervalMs: 0 } });
      cluster.observe({ datagram: (_from, _to, bytes) => bytes[0] === 0 && times.add(cluster.now) });
      cluster.run(50_500);
      return times.size;
    };
    assert.equal(pings("together") <= 51, true);
    assert.equal(pings("random") > 300, true);
  });

  it("refuses settings out of bounds by name", () => {
    assert.throws(() => new SimCluster({ nodes: 1, seed: 1, config: { gossipNodes: -1 } }), /gossipNodes/);
  });
});

describe("a fault", () => {
  it("that kills a host makes it dead to all others and to nobody else", () => {
    const cluster = new SimCluster({ nodes: 10, seed: 5 });
    cluster.run(5000);
    cluster.crash(cluster.node(3));
    const others = cluster.nodes.filter(({ name }) => name !== "n3");
    const know = (): number => others.filter(({ swim }) => swim.statusOf("n3") === "failed").length;
    assert.ok(cluster.runUntil(() => know() > 0, 60_000));
    // By itself each would find out in its own turn, seconds apart.
    assert.ok(cluster.runUntil(() => know() === others.length, 300));
    assert.deepEqual(disagreements(cluster), []);
    for (const { name, swim } of cluster.nodes) if (name !== "n3") assert.equal(swim.statusOf("n3"), "failed");
  });

  it("that a restart follows is forgotten: the node is alive to all, also at another address", () => {
    for (const move of [false, true]) {
      const cluster = new SimCluster({ nodes: 8, seed: 6 });
      cluster.run(5000);
      cluster.crash(cluster.node(3), "process");
      cluster.run(30_000);
      cluster.restart(cluster.node(3), move ? cluster.newAddress() : cluster.node(3).address);
      assert.equal(cluster.node(3).life, 2);
      assert.ok(
        cluster.runUntil(() => disagreements(cluster).length === 0, 120_000),
        `moved: ${move}`,
      );
    }
  });

  it("that stops a process for a while leaves it in peace: it reads its buffers before it accuses", () => {
    const cluster = new SimCluster({ nodes: 6, seed: 7 });
    cluster.run(5000);
    const node = cluster.node(2);
    cluster.pause(node);
    assert.ok(node.isPaused);
    const sent = node.swim.counters.datagramsOut;
    cluster.run(3000);
    assert.equal(node.swim.counters.datagramsOut, sent);
    const received = node.swim.counters.datagramsIn;
    cluster.resume(node);
    assert.ok(node.swim.counters.datagramsIn > received, "what waited was read at once");
    assert.equal(node.swim.counters.lateCalls, 1);
    assert.ok(cluster.runUntil(() => disagreements(cluster).length === 0, 60_000));
    assert.equal(node.swim.counters.suspicionsRaised, 0);
  });

  it("that cuts one way only is found out, and helped by the other nodes", () => {
    const cluster = new SimCluster({ nodes: 8, seed: 8, streamPings: false });
    cluster.run(5000);
    cluster.cut(cluster.node(0), cluster.node(1));
    cluster.run(60_000);
    assert.ok(cluster.node(0).swim.counters.probesRescued > 0);
    assert.deepEqual(disagreements(cluster), []);
  });

  it("that splits the cluster for three minutes is healed by the core alone", () => {
    const cluster = new SimCluster({ nodes: 12, seed: 9, discovery: false });
    cluster.run(5000);
    cluster.partition([cluster.nodes.slice(0, 5)]);
    cluster.run(180_000);
    assert.equal(cluster.node(0).swim.count("alive"), 5);
    assert.equal(cluster.node(0).swim.member("n9")?.status ?? "forgotten", "forgotten");
    cluster.heal();
    assert.ok(cluster.runUntil(() => disagreements(cluster).length === 0, 20 * 60_000));
  });

  it("keeps the reference's rules apart for ever after such a split", () => {
    const cluster = new SimCluster({ nodes: 12, seed: 9, discovery: false, rules: "memberlist" });
    cluster.run(5000);
    cluster.partition([cluster.nodes.slice(0, 5)]);
    cluster.run(180_000);
    cluster.heal();
    cluster.run(20 * 60_000);
    assert.equal(cluster.node(0).swim.count("alive"), 5);
  });

  it("is none if a node says goodbye: it is left to all, and its process ends", () => {
    const cluster = new SimCluster({ nodes: 6, seed: 10 });
    cluster.run(5000);
    cluster.leave(cluster.node(4));
    cluster.run(5000);
    assert.equal(cluster.node(4).state, "down");
    for (const { name, swim } of cluster.nodes) if (name !== "n4") assert.equal(swim.statusOf("n4"), "left");
  });
});

describe("an application message", () => {
  it("reaches everybody within milliseconds by the eager lane, and within ticks without it", () => {
    const slowest = (isEager: boolean): number => {
      const rules: RelayRules = { kind: 200, isEager, isExtension: false, rumorClass: () => APPLICATION };
      const heardAt: number[] = [];
      const layers = Array.from({ length: 30 }, () => new RelayLayer(rules, () => heardAt.push(cluster.now)));
      const cluster = new SimCluster({ nodes: 30, seed: 11, layers: (index) => [layers[index] ?? assert.fail()] });
      cluster.run(5000);
      const start = cluster.now;
      cluster.node(0).call((now, out) => layers[0]?.tell(now, Uint8Array.of(200), out));
      cluster.run(5000);
      assert.equal(heardAt.length, 30);
      return Math.max(...heardAt) - start;
    };
    assert.ok(slowest(true) < 10);
    assert.ok(slowest(false) > 100);
  });
});

describe("a stream", () => {
  /** How long a join through one address takes, and why it fails. */
  function join(state: "running" | "down" | "host-down" | "cut"): { reason: string; afterMs: number } {
    const cluster = new SimCluster({ nodes: 2, seed: 12, views: "alone", discovery: false });
    cluster.run(1000);
    const [node, other] = [cluster.node(0), cluster.node(1)];
    if (state === "down") cluster.crash(other, "process");
    if (state === "host-down") cluster.crash(other, "host");
    if (state === "cut") cluster.cut(other, node);
    const outcome = { reason: "", afterMs: -1 };
    const start = cluster.now;
    cluster.observe({
      event: (from, event) => {
        if (from !== node || event.type !== "join-finished") return;
        outcome.reason = event.contacted > 0 ? "joined" : (event.failures[0]?.reason ?? "");
        outcome.afterMs = cluster.now - start;
      },
    });
    node.join([other.address]);
    cluster.run(60_000);
    return outcome;
  }

  it("takes four ways to a node that runs", () => {
    const { reason, afterMs } = join("running");
    assert.equal(reason, "joined");
    assert.ok(afterMs >= 4 * 0.3 && afterMs <= 4 * 0.7);
  });

  it("is refused at once where the process is gone, and times out where the host is, or the way back", () => {
    const refused = join("down");
    assert.equal(refused.reason, "refused");
    assert.ok(refused.afterMs < 10);
    assert.deepEqual(join("host-down"), { reason: "timeout", afterMs: 10_000 });
    assert.deepEqual(join("cut"), { reason: "timeout", afterMs: 10_000 });
  });

  it("that is cancelled brings nothing, whether its answer is under way or waits in a process that stands still", () => {
    for (const isPaused of [false, true]) {
      const cluster = new SimCluster({ nodes: 2, seed: 12, views: "alone", discovery: false });
      cluster.run(1000);
      const [node, other] = [cluster.node(0), cluster.node(1)];
      const token = 1;
      node.swim.join(cluster.now, token, [other.address], node.outbox);
      if (isPaused) cluster.pause(node);
      while (other.swim.count("alive") === 1) cluster.run(0.1);
      if (isPaused) cluster.run(10);
      node.swim.cancelJoin(cluster.now, token, node.outbox);
      assert.equal(node.swim.count("alive"), 1);
      if (isPaused) cluster.resume(node);
      cluster.cut(other, node);
      cluster.run(100);
      assert.equal(node.swim.count("alive"), 1);
    }
  });
});
