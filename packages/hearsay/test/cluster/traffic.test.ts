import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testNetwork } from "../../dist/testing/index.js";

/** Bytes of datagrams that a node sends in a second while nothing happens, on average. */
async function bytesPerSecond(nodes: number): Promise<number> {
  await using network = await testNetwork({ nodes, options: { tags: { role: "web" } } });
  await network.until(() => network.converged());
  await network.advance("1m");
  const sent = (): number => network.nodes.reduce((sum, node) => sum + node.stats().counters.bytesOut, 0);
  const before = sent();
  await network.advance("1m");
  return (sent() - before) / nodes / 60;
}

describe("a pool in which nothing happens", () => {
  it("sends some hundred bytes of datagrams a second from each node, in pools of 10 and of 30 alike", async () => {
    const [few, many] = [await bytesPerSecond(10), await bytesPerSecond(30)];
    assert.ok(few > 50 && few < 500, `${few} bytes of each of 10 nodes`);
    assert.ok(many < 1.1 * few, `${many} bytes of each of 30 nodes, ${few} of each of 10`);
  });
});
