import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestNetwork, testNetwork } from "../../dist/testing/index.js";
import { recorder } from "./support.js";

const SERVICE = "pool.default.svc";

/** Nodes whose only target is one name, which leads to all of them, as a headless service does. */
async function service(nodes: number, listed: number, options: object = {}): Promise<TestNetwork> {
  const network = await testNetwork({ nodes, options: { join: SERVICE, ...options } });
  list(network, listed);
  return network;
}

function list(network: TestNetwork, count: number): void {
  const addresses = network.nodes.map(({ self }) => self.address.replace(":7946", ""));
  network.setHost(SERVICE, addresses.slice(0, count));
}

/** Virtual time until all are one cluster again, counted from now. */
async function healedAfterMs(network: TestNetwork, limit: `${number}s`): Promise<number> {
  const startedAt = network.nowMs;
  await network.until(() => network.converged(), limit);
  return network.nowMs - startedAt;
}

describe("one name with the addresses of all nodes", () => {
  it("brings two halves together that were apart from the start, within two heal intervals", async () => {
    await using network = await service(4, 4);
    network.partition(["node-1", "node-2"]);
    await network.advance("20s");
    assert.ok(network.converged("node-1", "node-2") && network.converged("node-3", "node-4"));
    network.heal();
    assert.ok((await healedAfterMs(network, "60s")) <= 60_000);
  });

  it("brings two halves together that were apart for longer than the lost are remembered", async () => {
    await using network = await service(4, 4, { serf: { reconnectTimeout: "1m" } });
    await network.until(() => network.converged());
    network.partition(["node-1", "node-2"]);
    await network.advance("10m");
    assert.equal(network.node("node-1").member("node-3"), undefined);
    network.heal();
    assert.ok((await healedAfterMs(network, "60s")) <= 60_000);
  });

  it("brings two halves together that grew while it listed only some of them", async () => {
    await using network = await testNetwork({ nodes: 0, options: { join: SERVICE } });
    network.setHost(SERVICE, ["10.0.0.1"]);
    const [one, two] = [await network.add(), await network.add()];
    await network.until(() => network.converged(one, two));
    network.setHost(SERVICE, ["10.0.0.3"]);
    const [three, four] = [await network.add(), await network.add()];
    await network.until(() => network.converged(three, four));
    list(network, 4);
    assert.ok((await healedAfterMs(network, "60s")) <= 60_000);
  });

  it("leads a node on to its other addresses, though one is the node's own", async () => {
    await using network = await testNetwork({ nodes: 0, options: { join: [] } });
    network.setHost(SERVICE, ["10.0.0.1"]);
    const [one, two] = [await network.add({ join: SERVICE }), await network.add({ join: "10.0.0.1" })];
    await network.until(() => network.converged(one, two));
    // Nobody but the first node looks for this one.
    await network.add();
    network.setHost(SERVICE, ["10.0.0.1", "10.0.0.3"]);
    assert.ok((await healedAfterMs(network, "60s")) <= 60_000);
  });

  it("costs a node no more than four tries in an interval, however many of them nobody has", async () => {
    await using network = await service(3, 3, { timings: { pushPullInterval: "1h" } });
    await network.until(() => network.converged());
    const others = Array.from({ length: 2000 }, (_, i) => `10.9.${i >> 8}.${i & 255}`);
    network.setHost(SERVICE, ["10.0.0.1", "10.0.0.2", "10.0.0.3", ...others]);
    const tries = (): number => network.node("node-1").stats().counters.pushPulls;
    await network.advance("40s");
    const before = tries();
    // Intervals of 30 s, give or take a quarter: what is tried within any 20 s was tried at once.
    const made: number[] = [];
    for (let second = 0; second < 600; second++) {
      await network.advance("1s");
      made.push(tries() - before);
    }
    const at = (second: number): number => made[second - 1] ?? 0;
    const most = Math.max(...made.map((sum, second) => sum - at(second - 19)));
    assert.equal(most, 4);
    assert.ok(at(600) > 40, `${at(600)} tries in ten minutes`);
  });

  it("costs a node without company no more than sixteen tries at a time", async () => {
    const { logger, lines } = recorder();
    await using network = await service(1, 1, { logger });
    network.setHost(
      SERVICE,
      Array.from({ length: 2000 }, (_, i) => `10.9.${i >> 8}.${i & 255}`),
    );
    await network.advance("1m");
    const tries = lines.filter(({ text }) => text.startsWith("nobody could be joined yet"));
    const failures = tries.at(-1)?.fields["failures"];
    assert.ok(Array.isArray(failures) && failures.length === 16, JSON.stringify(failures));
  });

  it("is tried by the whole pool about eight times in an interval for each address that nobody has", async () => {
    await using network = await service(24, 24, { timings: { pushPullInterval: "1h", healInterval: "2s" } });
    await network.until(() => network.converged());
    const everybody = network.nodes.map(({ self }) => self.address.replace(":7946", ""));
    network.setHost(SERVICE, [...everybody, "10.9.9.9"]);
    const tries = (): number => network.nodes.reduce((sum, node) => sum + node.stats().counters.pushPulls, 0);
    await network.advance("4s");
    const before = tries();
    await network.advance("40s");
    const made = tries() - before;
    assert.ok(made > 80 && made < 320, `${made} tries in twenty intervals`);
  });
});

describe("a join that keeps its targets", () => {
  it("brings halves together after a split that was longer than the lost are remembered", async () => {
    await using network = await testNetwork({ nodes: 2, options: { join: [], serf: { reconnectTimeout: "1m" } } });
    const one = network.node("node-1");
    await network.run(one.join("10.0.0.2", { keep: true }));
    network.partition([one]);
    await network.advance("10m");
    assert.equal(one.member("node-2"), undefined);
    assert.equal(one.status, "alone");
    network.heal();
    assert.ok((await healedAfterMs(network, "60s")) <= 60_000);
  });
});

describe("two halves of a pool", () => {
  it("that changed while they were apart merge, and what each member said last counts in both", async () => {
    await using network = await testNetwork({ nodes: 6, options: { tags: { version: "1" } } });
    await network.until(() => network.converged());
    network.partition(["node-1", "node-2", "node-3"]);
    const write = (name: string, version: string): Promise<void> =>
      network.run(network.node(name).setTags({ version }));
    const shown = (node: string): (string | undefined)[] =>
      network.nodes.map(({ self }) => network.node(node).member(self.name)?.tags["version"]);
    await network.advance("1m");
    await write("node-1", "2");
    await write("node-4", "3");
    await write("node-4", "2");
    await write("node-1", "3");
    await network.advance("5s");
    // Each half has what the others said before.
    assert.deepEqual(shown("node-2"), ["3", "1", "1", "1", "1", "1"]);
    assert.deepEqual(shown("node-5"), ["1", "1", "1", "2", "1", "1"]);
    network.heal();
    await network.until(() => network.converged(), "2m");
    await network.advance("5s");
    for (const { self } of network.nodes) assert.deepEqual(shown(self.name), ["3", "1", "1", "2", "1", "1"], self.name);
  });
});
