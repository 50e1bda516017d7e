import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NetResult } from "../../dist/changes/net-result.js";
import type { Change, Member } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";

/** Some node as its own cluster shows it, under other names. */
async function template(): Promise<Pick<Change, "cause"> & { readonly named: (name: string) => Member }> {
  await using network = await testNetwork({ nodes: 1 });
  const one = network.node("node-1");
  const member = one.member("node-1");
  const cause = one.explain("node-1")[0];
  assert.ok(member !== undefined && cause !== undefined);
  return { cause, named: (name) => ({ ...member, name }) };
}

describe("the net result of changes", () => {
  it("keeps nothing of members that came and were forgotten, however many there were", async () => {
    const { cause, named } = await template();
    let version = 0;
    const change = (type: Change["type"], name: string, previous: Member | null): Change => {
      return { type, version: ++version, member: named(name), previous, cause };
    };
    const net = new NetResult(change("joined", "old", null));
    for (let i = 0; i < 10_000; i++) {
      const name = `member-${i}`;
      net.add(change("joined", name, null));
      net.add(change("failed", name, named(name)));
      net.add(change("reaped", name, named(name)));
      assert.equal(net.size, 1);
    }
    net.add(change("joined", "member-7", null));
    net.add(change("reaped", "known before", named("known before")));
    net.add(change("updated", "old", named("old")));
    assert.equal(net.version, version);
    assert.deepEqual(
      net.changes().map(({ type, member, previous }) => [type, member.name, previous?.name]),
      [
        ["joined", "member-7", undefined],
        ["reaped", "known before", "known before"],
        ["updated", "old", undefined],
      ],
    );
  });
});
