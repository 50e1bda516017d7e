import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster, RingChange, RingOptions } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";
import { thrown } from "../cluster/support.js";

const KEYS = Array.from({ length: 2000 }, (_, i) => `user-${i}`);

/** The owner of each key, by one node. */
function owners(cluster: Cluster, options: RingOptions = {}): (string | undefined)[] {
  const ring = cluster.ring("users", options);
  return KEYS.map((key) => ring.owner(key)?.name);
}

function counts(names: readonly (string | undefined)[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const name of names) result[name ?? ""] = (result[name ?? ""] ?? 0) + 1;
  return result;
}

describe("a ring", () => {
  for (const placement of ["bounded", "rendezvous"] as const) {
    it(`gives every key the same owner on every node (${placement})`, async () => {
      await using network = await testNetwork({ nodes: 5 });
      await network.until(() => network.converged());
      const [first, ...others] = network.nodes.map((cluster) => owners(cluster, { placement }));
      for (const other of others) assert.deepEqual(other, first);
      const spread = Object.values(counts(first ?? []));
      assert.equal(spread.length, 5);
      assert.ok(Math.max(...spread) < 1.4 * (KEYS.length / 5), `spread ${spread}`);
      const one = network.node("node-1").ring("users", { placement });
      const mine = KEYS.filter((key) => one.isMine(key)).length;
      assert.equal(mine, counts(first ?? [])["node-1"]);
      const three = one.owners("user-1", 3).map(({ name }) => name);
      assert.deepEqual([new Set(three).size, three[0]], [3, one.owner("user-1")?.name]);
    });
  }

  it("is of the members whose tags say so, by their weights", async () => {
    await using network = await testNetwork({ nodes: 0 });
    for (const [role, weight] of [
      ["web", "1"],
      ["worker", "1"],
      ["worker", "3"],
      ["batch", "junk"],
      ["worker", "0"],
    ]) {
      await network.add({ tags: { role: role ?? "", weight: weight ?? "" } });
    }
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const names = (options: RingOptions): string[] => one.ring("x", options).members.map(({ name }) => name);
    assert.deepEqual(names({ where: { role: "worker" } }), ["node-2", "node-3", "node-5"]);
    assert.deepEqual(names({ where: { role: ["web", "batch"] } }), ["node-1", "node-4"]);
    assert.deepEqual(names({ where: ({ name }) => name === "node-4" }), ["node-4"]);
    assert.deepEqual(names({ where: { role: "nobody" } }), []);
    assert.equal(one.ring("x", { where: { role: "nobody" } }).owner("key"), undefined);
    // One weighs three times as much, one takes nothing, and nonsense weighs 1.
    const spread = counts(owners(one, { weight: "weight", placement: "rendezvous" }));
    assert.equal(spread["node-5"], undefined);
    assert.ok((spread["node-3"] ?? 0) > 2.4 * (spread["node-4"] ?? 0), JSON.stringify(spread));
  });

  it("loses a member as soon as it says that it will leave, and one that fails only once it has", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    const one = network.node("node-1");
    const ring = one.ring("users");
    const leaving = network.node("node-3").leave();
    await network.until(() => one.member("node-3")?.status === "leaving");
    assert.deepEqual(
      ring.members.map(({ name }) => name),
      ["node-1", "node-2"],
    );
    await network.run(leaving);
    network.pause("node-2");
    await network.until(() => one.member("node-2")?.status === "suspect", "30s");
    assert.equal(ring.members.length, 2);
    await network.until(() => one.member("node-2")?.status === "failed", "1m");
    assert.deepEqual(
      ring.members.map(({ name }) => name),
      ["node-1"],
    );
    assert.ok(KEYS.every((key) => ring.isMine(key)));
  });

  it("tells what changes hands, once for all that happens within a second", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    await network.advance("5s");
    const one = network.node("node-1");
    const ring = one.ring("users");
    const before = KEYS.filter((key) => ring.isMine(key));
    const seen: RingChange[] = [];
    const following = (async () => {
      for await (const change of ring.changes()) seen.push(change);
    })();
    await network.advance("10ms");
    const [four] = await Promise.all([network.add(), network.add()]);
    await network.until(() => network.converged());
    await network.advance("3s");
    assert.equal(seen.length, 1, "both came within a second");
    const [change] = seen;
    assert.ok(change);
    assert.deepEqual([change.joined, change.gone], [["node-4", "node-5"], []]);
    const after = new Set(KEYS.filter((key) => ring.isMine(key)));
    assert.deepEqual(
      KEYS.filter((key) => change.lost(key)),
      before.filter((key) => !after.has(key)),
    );
    assert.deepEqual(
      KEYS.filter((key) => change.gained(key)),
      [...after].filter((key) => !before.includes(key)),
    );
    const moved = KEYS.filter((key) => change.lost(key));
    assert.ok(moved.length > 0);
    assert.ok(
      moved.every((key) => change.previousOwner(key) === "node-1" && change.owner(key) === ring.owner(key)?.name),
    );
    // A change of tags moves nothing here.
    await network.run(four?.setTags({ x: "1" }) ?? Promise.resolve());
    await network.advance("3s");
    assert.equal(seen.length, 1);
    await network.run(one.close());
    await following;
  });

  it("is built once for each view, however often it is asked", async () => {
    await using network = await testNetwork({ nodes: 3 });
    await network.until(() => network.converged());
    let asked = 0;
    const ring = network.node("node-1").ring("x", {
      where: () => {
        asked++;
        return true;
      },
    });
    for (const key of KEYS) ring.owner(key);
    assert.equal(asked, 3);
  });

  it("is refused with options that mean nothing", async () => {
    await using network = await testNetwork({ nodes: 1 });
    const one = network.node("node-1");
    const faultOf = (call: () => unknown): string | undefined => thrown(call, "ERR_CONFIG").faults[0]?.key;
    assert.equal(
      faultOf(() => one.ring("")),
      "name",
    );
    assert.equal(
      faultOf(() => Reflect.apply(one.ring, one, ["x", { placement: "modulo" }])),
      "placement",
    );
    assert.equal(
      faultOf(() => Reflect.apply(one.ring, one, ["x", { where: { role: 1 } }])),
      "where",
    );
    assert.equal(
      faultOf(() => Reflect.apply(one.ring, one, ["x", { weight: 2 }])),
      "weight",
    );
    assert.equal(
      faultOf(() => one.ring("x").owners("key", 1.5)),
      "count",
    );
  });
});
