import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Cluster } from "../../dist/index.js";
import { type TestNetwork, testNetwork } from "../../dist/testing/index.js";

const KINDS = ["crash", "restart", "pause", "resume", "split", "heal", "cut", "leave", "tags"] as const;

const scenario = fc.record({
  seed: fc.integer({ min: 0, max: 0xffff_ffff }),
  nodes: fc.integer({ min: 2, max: 7 }),
  preset: fc.constantFrom("lan", "local"),
  latencyMs: fc.constantFrom(0, 1, 20),
  lossPercent: fc.constantFrom(0, 5, 20),
  faults: fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      node: fc.nat(6),
      other: fc.nat(6),
      thenMs: fc.integer({ min: 0, max: 20_000 }),
    }),
    { maxLength: 15 },
  ),
});

async function inflict(network: TestNetwork, kind: (typeof KINDS)[number], name: string, other: string): Promise<void> {
  if (kind === "crash") network.crash(name);
  else if (kind === "restart") await network.restart(name);
  else if (kind === "pause") network.pause(name);
  else if (kind === "resume") network.resume(name);
  else if (kind === "split") network.partition([name]);
  else if (kind === "heal") network.heal();
  else if (kind === "cut") network.cut(name, other);
  else if (kind === "leave") void network.node(name).leave();
  // It takes virtual time, and rejects if the node has ended already, which is as good here.
  else
    void network
      .node(name)
      .setTags({ version: String(network.nowMs) })
      .catch(() => {});
}

/** Whether every node shows every member's tags as that member has them itself. */
function tagsAgree({ nodes }: TestNetwork): boolean {
  return nodes.every(({ self }) =>
    nodes.every((node) => node.member(self.name)?.tags["version"] === self.tags["version"]),
  );
}

describe("whatever befalls its nodes and its network", () => {
  it("a cluster is whole again within five minutes of the last of it, and none of its nodes has failed", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seed, nodes, preset, latencyMs, lossPercent, faults }) => {
        await using network = await testNetwork({
          seed,
          nodes,
          latencyMs,
          lossPercent,
          options: { preset },
        });
        const nameOf = (index: number): string => `node-${1 + (index % nodes)}`;
        for (const { kind, node, other, thenMs } of faults) {
          await inflict(network, kind, nameOf(node), nameOf(other));
          await network.advance(thenMs);
        }
        network.heal();
        network.setConditions({ lossPercent: 0 });
        for (let i = 0; i < nodes; i++) network.resume(nameOf(i));
        for (const { self, status } of network.nodes) {
          assert.notEqual(status, "failed");
          if (status === "closed" || status === "leaving") await network.restart(self.name);
        }
        await network.until(() => network.converged() && tagsAgree(network), "5m");
        assert.equal(network.nodes.filter(({ status }) => status === "joined").length, nodes);
      }),
      { numRuns: 30 },
    );
  });
});

describe("several nodes that fail at once", () => {
  it("are found out, and nothing changes for the others: none is accused, and who comes, goes or changes is seen", async () => {
    await using network = await testNetwork({ nodes: 8 });
    await network.until(() => network.converged());
    const failed = ["node-1", "node-2", "node-6"];
    const survivors = network.nodes.filter(({ self }) => !failed.includes(self.name));
    const accused = new Set<string>();
    for (const node of survivors) {
      void (async () => {
        for await (const item of node.changes()) {
          if (item.type === "suspected" || item.type === "failed") accused.add(item.member.name);
        }
      })();
    }
    for (const name of failed) network.crash(name);
    await network.advance("2s");
    // The failed are known to few yet, if to any.
    const late = await network.add({ tags: { version: "new" } });
    await network.run(network.node("node-4").setTags({ version: "2" }));
    void network.node("node-5").leave();
    const rest = [...survivors.filter(({ self }) => self.name !== "node-5"), late];
    const wanted = { "node-4": "alive 2", "node-5": "left undefined", [late.self.name]: "alive new" };
    const shows = (node: Cluster): Record<string, string> =>
      Object.fromEntries(
        Object.keys(wanted).map((name) => {
          const member = node.member(name);
          return [name, `${member?.status} ${member?.tags["version"]}`];
        }),
      );
    await network.advance("3s");
    for (const node of rest) assert.deepEqual(shows(node), wanted, node.self.name);
    await network.until(() => network.converged(...rest), "1m");
    // Whoever came later may not have heard of them at all.
    for (const node of survivors.filter(({ self }) => self.name !== "node-5")) {
      for (const name of failed) assert.equal(node.member(name)?.status, "failed", `${name} at ${node.self.name}`);
    }
    assert.deepEqual([...accused].sort(), failed);
  });
});
