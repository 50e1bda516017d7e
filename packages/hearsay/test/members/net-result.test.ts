import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Change, Member } from "../../dist/index.js";
import { NetResult } from "../../dist/members/net-result.js";
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
        ["joined", "old", undefined],
      ],
    );
  });

  it("is the difference of the first state and the last, whatever lay between them", async () => {
    const { cause, named } = await template();
    const alive = named("a");
    const [suspect, dead, left] = (["suspect", "failed", "left"] as const).map((status) => ({ ...alive, status }));
    const changed = { ...alive, meta: Uint8Array.of(1) };
    assert.ok(suspect !== undefined && dead !== undefined && left !== undefined);
    type Step = readonly [Change["type"], Member];
    /** The kind of the one change, if there is one, that these come to for somebody who knows `previous`. */
    const net = (previous: Member | null, ...steps: readonly Step[]): string | undefined => {
      let before = previous;
      let version = 0;
      const changes = steps.map(([type, member]): Change => {
        const change = { type, version: ++version, member, previous: before, cause };
        before = type === "reaped" ? null : member;
        return change;
      });
      const [first, ...more] = changes;
      assert.ok(first !== undefined);
      const result = new NetResult(first);
      for (const change of more) result.add(change);
      const [one, ...others] = result.changes();
      assert.equal(others.length, 0);
      if (one !== undefined) assert.equal(one.previous, previous);
      return one?.type;
    };
    const cases: readonly (readonly [string | undefined, Member | null, ...(readonly Step[])])[] = [
      ["joined", null, ["joined", alive], ["updated", changed]],
      ["joined", null, ["joined", alive], ["suspected", suspect]],
      ["joined", dead, ["joined", alive], ["updated", changed]],
      ["joined", left, ["reaped", left], ["joined", alive]],
      ["updated", alive, ["failed", dead], ["joined", alive], ["updated", changed]],
      ["updated", alive, ["failed", dead], ["joined", alive]],
      ["updated", alive, ["updated", changed], ["suspected", { ...changed, status: "suspect" }]],
      [undefined, alive, ["updated", changed], ["updated", alive]],
      [undefined, alive, ["suspected", suspect], ["recovered", alive]],
      ["suspected", alive, ["suspected", suspect], ["recovered", alive], ["suspected", suspect]],
      ["failed", alive, ["suspected", suspect], ["failed", dead]],
      ["left", dead, ["joined", alive], ["left", left]],
      [undefined, dead, ["joined", alive], ["failed", dead]],
      ["failed", null, ["joined", alive], ["failed", dead]],
      ["reaped", alive, ["failed", dead], ["reaped", dead]],
      [undefined, null, ["joined", alive], ["reaped", alive]],
    ];
    for (const [expected, previous, ...steps] of cases) {
      assert.equal(net(previous, ...steps), expected, `${previous?.status}: ${steps.map(([type]) => type)}`);
    }
  });
});
