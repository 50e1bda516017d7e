import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Change, Snapshot } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";

/** What changes, as `node-2 left: departed by node-2, local`. */
async function follow(changes: AsyncIterable<Snapshot | Change>, into: string[]): Promise<void> {
  for await (const item of changes) {
    if (item.type === "snapshot") continue;
    const { kind, by } = item.cause;
    into.push(`${item.member.name} ${item.type}: ${kind} by ${by}`);
  }
}

describe("a node that leaves", () => {
  it("while the one that it joins by has heard of it and it has not heard back is shown as left", async () => {
    await using network = await testNetwork({ nodes: 1, latencyMs: 100 });
    const one = network.node("node-1");
    const two = await network.add();
    await network.until(() => one.member("node-2") !== undefined);
    assert.equal(two.members().length, 1);
    await network.run(two.leave());
    await network.advance("1s");
    assert.equal(one.member("node-2")?.status, "left");
  });

  it("is shown as leaving, then as left by its own word, however soon after its join", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      await using network = await testNetwork({ nodes: 1, seed, latencyMs: 1, jitterMs: 3 });
      const seen: string[] = [];
      void follow(network.node("node-1").changes(), seen);
      const two = await network.add();
      await network.until(() => two.members().length === 2);
      await network.run(two.leave());
      await network.advance("30s");
      const told = ["node-2 joined: announced by node-2", "node-2 leaving: intended by node-2"];
      assert.deepEqual(seen, [...told, "node-2 left: departed by node-2"], `seed ${seed}`);
      const own = two.explain("node-2").at(-1);
      assert.deepEqual([own?.kind, own?.path, own?.from], ["departed", "local", null], `seed ${seed}`);
    }
  });
});
