import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ALIVE } from "@hearsay/core/wire";
import { address, alive, entries, entry, LoneNode, state } from "../support/lone-node.ts";

const A = address("10.0.0.2");
const B = address("10.0.0.3");

describe("the exchange of whole states", () => {
  it("comes once an interval, with a live member", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0, gossipIntervalMs: 0, healIntervalMs: 600_000 });
    node.receive(A, alive("a", "10.0.0.2")).clear().until(30_000);
    assert.deepEqual(
      node.exchanges.map(({ to }) => to),
      [A.key],
    );
    const [first] = node.exchanges;
    node.until(30_000 * 9.5);
    assert.deepEqual(
      node.exchanges.map(({ at }) => at),
      Array.from({ length: node.exchanges.length }, (_, index) => (first?.at ?? 0) + 30_000 * index),
    );
    assert.ok(node.exchanges.length >= 9);
  });

  it("brings in what gossip missed, and that is told on", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0, healIntervalMs: 600_000 });
    node.receive(A, alive("a", "10.0.0.2")).until(5_000).clear();
    node.untilSo(() => node.exchanges.length > 0);
    const pushed = entries(node.exchanges[0]?.request ?? assert.fail());
    assert.deepEqual(pushed.map(({ name }) => name).sort(), ["a", "self"], "its own state goes out");
    const message = state([entry("a", "10.0.0.2"), entry("missed", "10.0.0.9", { incarnation: 7 })], false);
    node.swim.exchangeDone(node.now, node.exchanges[0]?.token ?? 0, { ok: true, message }, node);
    assert.equal(node.swim.statusOf("missed"), "alive");
    node.clear().until(node.now + 2_000);
    const told = node.messages(ALIVE).filter((message) => message.node === "missed");
    assert.ok(told.length >= 4 && told.every(({ incarnation }) => incarnation === 7));
  });

  it("that a member begins teaches too, and that is told on", () => {
    const node = new LoneNode({}, { probeIntervalMs: 0, pushPullIntervalMs: 0 });
    node.receive(A, alive("a", "10.0.0.2")).until(5_000).clear();
    node.pushPull(B, [entry("b", "10.0.0.3"), entry("missed", "10.0.0.9")], false);
    node.until(node.now + 2_000);
    for (const name of ["b", "missed"]) {
      assert.ok(node.messages(ALIVE).filter((message) => message.node === name).length >= 4, name);
    }
  });
});
