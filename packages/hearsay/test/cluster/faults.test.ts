import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
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
      .setTags({ version: "2" })
      .catch(() => {});
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
        for (const { name, state } of network.nodes) {
          assert.notEqual(state, "failed");
          if (state === "closed" || state === "leaving") await network.restart(name);
        }
        await network.until(() => network.converged(), "5m");
        assert.equal(network.nodes.filter(({ state }) => state === "joined").length, nodes);
      }),
      { numRuns: 30 },
    );
  });
});
