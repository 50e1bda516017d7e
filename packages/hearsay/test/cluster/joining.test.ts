import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCluster, isHearsayError, MemoryNetwork, memoryTransport } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";
import { recorder, rejection, view } from "./support.js";

describe("finding the others", () => {
  it("a target without a port has the port that this node binds, as in memberlist", async (t) => {
    const network = new MemoryNetwork();
    const open = async (host: string, join: string[]) => {
      const bind = { port: 9000 };
      const cluster = await createCluster({
        nodeName: host,
        bind,
        join,
        transport: memoryTransport(network, host, 9000),
      });
      t.after(() => cluster.close());
      return cluster;
    };
    await open("10.0.0.1", []);
    const joining = await open("10.0.0.2", ["10.0.0.1"]);
    await joining.ready({ members: 2, signal: AbortSignal.timeout(60_000) });
  });

  it("the start order doesn't matter: seeds may all be down at first", async () => {
    await using network = await testNetwork({ nodes: 3 });
    for (const seed of network.nodes) network.crash(seed);
    const late = await network.add();
    await network.advance("10m");
    assert.equal(late.status, "alone");
    assert.deepEqual(view(late), ["node-4 alive"]);
    await network.restart("node-2");
    await network.run(late.ready({ members: 2 }), "1m");
    await network.restart("node-3");
    await network.until(() => network.converged(), "1m");
  });

  it("tries seeds that are down ever more rarely, but at least every half minute", async () => {
    await using network = await testNetwork({ nodes: 1 });
    network.crash("node-1");
    const late = await network.add();
    const tries = () => late.stats().counters.pushPulls;
    await network.advance("10s");
    const early = tries();
    assert.ok(early >= 5 && early <= 10, `${early} tries in ten seconds`);
    await network.advance("10m");
    const later = tries() - early;
    assert.ok(later >= 14 && later <= 40, `${later} tries in ten minutes`);
  });

  it("a node that lost everybody comes back by itself", async () => {
    await using network = await testNetwork({ nodes: 4 });
    await network.until(() => network.converged());
    const isolated = network.node("node-4");
    network.partition(["node-4"]);
    // Far longer than the dead are gossiped to, and than they are kept.
    await network.advance("20m");
    assert.deepEqual(view(isolated), ["node-1 failed", "node-2 failed", "node-3 failed", "node-4 alive"]);
    assert.equal(isolated.status, "alone");
    network.heal();
    await network.until(() => network.converged(), "1m");
  });

  it("two halves that lost each other for an hour meet again, at the seeds", async () => {
    await using network = await testNetwork({ nodes: 6 });
    await network.until(() => network.converged());
    const half = ["node-1", "node-4", "node-5"];
    network.partition(half);
    await network.advance("1h");
    assert.ok(network.converged(...half));
    assert.equal(network.node("node-1").stats().occupancy.members, 3, "the others are forgotten");
    network.heal();
    await network.until(() => network.converged(), "2m");
  });

  it("halves meet again even if no seed is left", async () => {
    await using network = await testNetwork({ nodes: 5 });
    await network.until(() => network.converged());
    for (const seed of ["node-1", "node-2", "node-3"]) network.crash(seed);
    const [four, five] = [network.node("node-4"), network.node("node-5")];
    network.partition([four]);
    await network.advance("30m");
    assert.deepEqual([four.status, five.status], ["alone", "alone"]);
    network.heal();
    // Each tries those it lost, of whom most are gone for good.
    await network.until(() => network.converged(four, five), "10m");
  });

  it("host names are resolved again at each try, and all their addresses are used", async () => {
    await using network = await testNetwork({ nodes: 2, options: { join: "seeds.example" } });
    const [one, two] = network.nodes;
    assert.ok(one && two);
    await network.advance("5s");
    assert.deepEqual([one.status, two.status], ["alone", "alone"]);
    network.setHost("seeds.example", ["10.8.8.8", "10.0.0.1"]);
    await network.run(two.ready({ members: 2 }), "1m");
    network.crash(one);
    await network.until(() => two.status === "alone", "1m");
    // The service has moved.
    const three = await network.add();
    network.setHost("seeds.example", ["10.0.0.3"]);
    await network.until(() => network.converged(two, three), "1m");
  });

  it("an aborted join joins nobody afterwards, and leaves no stream behind", async () => {
    await using network = await testNetwork({ nodes: 1, latencyMs: 500, options: { join: [] } });
    const [seed, late] = [network.node("node-1"), await network.add()];
    const stop = new AbortController();
    const joining = rejection(late.join("10.0.0.1:7946", { signal: stop.signal }), "ERR_ABORTED");
    // The seed has accepted the stream, and nothing has been said on it.
    await network.advance(700);
    assert.equal(late.stats().occupancy.exchanges, 1);
    stop.abort();
    await network.run(joining, "1s");
    assert.equal(late.stats().occupancy.exchanges, 0);
    await network.advance("10s");
    assert.deepEqual([view(seed), view(late)], [["node-1 alive"], ["node-2 alive"]]);
    assert.equal(late.status, "alone");
  });

  it("a node that leaves ends the joins under way", async () => {
    await using network = await testNetwork({ nodes: 3, options: { join: [] } });
    const [one, two] = [network.node("node-1"), network.node("node-2")];
    await network.run(one.join("10.0.0.2:7946"));
    await network.until(() => network.converged(one, two));
    network.pause("node-3");
    const joining = rejection(one.join("10.0.0.3:7946"), "ERR_LEAVING");
    await network.advance(100);
    const leaving = one.leave();
    assert.equal(one.stats().occupancy.exchanges, 0);
    await network.run(joining, "1s");
    await network.run(leaving);
    assert.equal(two.member("node-1")?.status, "left");
  });

  it("tells of each target why it could not be joined", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const joining = one.join(["10.0.0.77:7946", "nowhere.example"]);
    const { data, retryable } = await rejection(network.run(joining), "ERR_JOIN_FAILED");
    assert.equal(retryable, true);
    assert.deepEqual(data.failures.map(({ target, reason }) => `${target} ${reason}`).sort(), [
      "10.0.0.77:7946 refused",
      "nowhere.example unresolved",
    ]);
    await rejection(network.run(one.join("10.0.0.1:0")), "ERR_JOIN_FAILED");
  });

  it("reports whom it reached, and a join of nobody but itself is no error", async () => {
    await using network = await testNetwork({ nodes: 2, options: { join: [] } });
    const one = network.node("node-1");
    assert.deepEqual(await network.run(one.join(one.self.address)), { contacted: 0, failures: [] });
    const report = await network.run(one.join(["10.0.0.2:7946", "10.0.0.99"]));
    assert.equal(report.contacted, 1);
    assert.deepEqual(
      report.failures.map(({ target }) => target),
      ["10.0.0.99"],
    );
    assert.ok(network.converged());
  });

  it("a join that meets silence asks for label and key, and names ours", async () => {
    await using network = await testNetwork({ nodes: 1, options: { label: "theirs" } });
    const { logger, lines } = recorder();
    const stranger = await network.add({ label: "ours", logger });
    const { message, data } = await rejection(network.run(stranger.join("10.0.0.1:7946")), "ERR_JOIN_SILENT");
    assert.deepEqual(data, { targets: ["10.0.0.1:7946"], label: "ours", encrypted: false });
    assert.match(message, /label, key or transport mismatch\?.*the label "ours".*encryption is off/);
    // The background's tries say the same in the log.
    assert.ok(lines.some(({ level, text }) => level === "warn" && text === message));
    assert.equal(stranger.status, "alone");
  });

  it("a second node of a name that lives fails, and the first one goes on", async () => {
    await using network = await testNetwork({ nodes: 2 });
    await network.until(() => network.converged());
    const [one, two] = network.nodes;
    assert.ok(one && two);
    const twin = await network.add({ nodeName: "node-1" });
    const ready = rejection(twin.ready({ members: 9 }), "ERR_NAME_IN_USE");
    const { status, cause } = await network.run(twin.closed, "30s");
    assert.equal(status, "failed");
    assert.equal(cause?.code, "ERR_NAME_IN_USE");
    assert.deepEqual(cause?.data, {
      name: "node-1",
      address: "10.0.0.1:7946",
      holderAnswers: true,
      retryAfterMs: null,
    });
    assert.equal(cause?.retryable, false);
    assert.equal(await ready, cause);
    assert.equal(twin.status, "failed");
    await network.advance("1m");
    assert.ok(network.converged(one, two));
    assert.equal(two.member("node-1")?.address, "10.0.0.1:7946");
  });

  it("a node that comes back at a new address before its end is known is told when to try again, and that works", async () => {
    await using network = await testNetwork({ nodes: 4 });
    await network.until(() => network.converged());
    network.crash("node-3");
    const early = await network.add({ nodeName: "node-3" });
    const { cause } = await network.run(early.closed, "60s");
    assert.ok(isHearsayError(cause, "ERR_NAME_IN_USE"), String(cause));
    assert.equal(cause.retryable, true);
    const { holderAnswers, retryAfterMs } = cause.data;
    assert.ok(!holderAnswers && retryAfterMs !== null && retryAfterMs <= 60_000, JSON.stringify(cause.data));
    assert.match(cause.message, /10\.0\.0\.3:7946.*gone.*try again/);
    await network.advance(retryAfterMs);
    const heir = await network.add({ nodeName: "node-3" });
    await network.until(() => network.converged("node-1", "node-2", "node-4", heir), "1m");
  });

  it("a dead node's name may be had by a node at another address", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    network.crash("node-3");
    await network.until(() => network.node("node-1").member("node-3")?.status === "failed", "30s");
    await network.advance("11s");
    const heir = await network.add({ nodeName: "node-3" });
    await network.until(() => network.converged("node-1", "node-2", heir), "1m");
    assert.equal(network.node("node-1").member("node-3")?.address, heir.self.address);
  });
});
