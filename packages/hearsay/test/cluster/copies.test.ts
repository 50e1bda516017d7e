import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Change, Member } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";
import { text } from "./support.js";

describe("whoever writes into what a cluster gave it", () => {
  it("changes no metadata, here or elsewhere", async () => {
    await using network = await testNetwork({ nodes: 2, options: { flavour: "memberlist", meta: "hello" } });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const changes = one.changes();
    const given: Member[] = [...one.members()];
    const start = await network.run(changes.next());
    assert.ok(start.value?.type === "snapshot");
    given.push(...start.value.members);
    await network.run(network.node("node-2").setMeta(Buffer.from("other")));
    const next = await network.run(changes.next());
    const change = next.value as Change;
    assert.ok(change.type === "updated" && change.previous !== null);
    given.push(change.member, change.previous);
    for (const member of given) {
      assert.equal(member.meta.length, 5);
      member.meta.fill(0x78);
    }
    await network.add();
    await network.until(() => network.converged());
    for (const cluster of network.nodes) {
      const metas = cluster.members().map(({ meta }) => text(meta));
      assert.deepEqual(metas, ["hello", "other", "hello"], cluster.self.name);
    }
    await changes.return();
  });

  it("changes no address and no evidence", async () => {
    await using network = await testNetwork({ nodes: 3, options: { flavour: "memberlist" } });
    await network.until(() => network.converged());
    network.crash("node-3");
    await network.until(() => network.converged(), "1m");
    const one = network.node("node-1");
    const causes = one.explain("node-3");
    const before = JSON.stringify(causes);
    for (const { from, probe, accusers } of causes) {
      from?.ip.fill(0);
      for (const list of [accusers, probe?.helpers ?? []]) Reflect.set(list, 0, "nobody");
    }
    assert.notEqual(JSON.stringify(causes), before);
    assert.equal(JSON.stringify(one.explain("node-3")), before);
  });

  it("changes no metadata by the array that it set it from", async () => {
    await using network = await testNetwork({ nodes: 1, options: { flavour: "memberlist" } });
    const one = network.node("node-1");
    // A Buffer's `slice` would be a view of the same bytes.
    const meta = Buffer.from("hello");
    await one.setMeta(meta);
    meta.fill(0);
    assert.equal(text(one.member("node-1")?.meta ?? meta), "hello");
  });
});
