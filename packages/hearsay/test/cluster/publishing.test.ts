import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster } from "../../dist/index.js";
import { type TestNetwork, testNetwork } from "../../dist/testing/index.js";

const NODES = 40;

interface Talk {
  readonly channels: { readonly news: number };
}

/** A pool at rest, and how many of its nodes have heard what is published on the channel `news`. */
async function pool(nodes: number, seed = 1): Promise<{ network: TestNetwork<Cluster<Talk>>; heard: number[] }> {
  const network = await testNetwork<Talk>({ nodes, seed });
  await network.until(() => network.converged());
  await network.advance("10s");
  const heard: number[] = [];
  for (const node of network.nodes) node.channel("news").on(({ value }) => heard.push(value));
  return { network, heard };
}

describe("a message that is published", () => {
  it("is heard by everybody within ten milliseconds, and in bulk within some ticks of gossip", async () => {
    const { network, heard } = await pool(NODES);
    await network.node("node-3").channel("news").publish(1);
    await network.advance(10);
    assert.deepEqual(heard, new Array(NODES).fill(1));
    heard.length = 0;
    await network.node("node-3").channel("news").publish(2, { urgency: "bulk" });
    await network.advance(10);
    assert.ok(heard.length < 10, `${heard.length} heard it at once`);
    await network.advance("5s");
    assert.ok(heard.length >= NODES - 1, `${heard.length} of ${NODES} heard it`);
    await network.close();
  });

  it("is no longer told by who has heard it back often enough", async () => {
    const { network } = await pool(NODES);
    const endedEarly = (): number => network.nodes.reduce((sum, node) => sum + node.stats().counters.rumorsKnown, 0);
    const before = endedEarly();
    for (let i = 0; i < 10; i++) {
      await network.node("node-3").channel("news").publish(i);
      await network.advance("3s");
    }
    assert.ok(endedEarly() > before, "none of 400 rumors ended early");
    await network.close();
  });

  it("reaches everybody in a burst of fifty, each once", async () => {
    const { network, heard } = await pool(10);
    for (let i = 0; i < 50; i++) await network.node("node-2").channel("news").publish(i);
    await network.advance("5s");
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    const expected = numbers.flatMap((i) => new Array<number>(10).fill(i));
    assert.deepEqual(
      heard.sort((a, b) => a - b),
      expected,
    );
    await network.close();
  });
});
