import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RULES } from "@hearsay/core/internal";
import { DEAD } from "@hearsay/core/wire";
import { address, alive, LoneNode, quiet } from "./support/lone-node.ts";

const A = address("10.0.0.2");

describe("a leaving node", () => {
  it("has said goodbye when its rumor is spent, and at once when nobody is there", () => {
    const lone = quiet();
    lone.swim.leave(0, lone);
    assert.ok(lone.events.some(({ type }) => type === "leave-finished"));
    const node = new LoneNode({}, { probeIntervalMs: 0 }).receive(A, alive("a", "10.0.0.2"));
    node.swim.leave(node.now, node);
    assert.ok(!node.events.some(({ type }) => type === "leave-finished"));
    node.until(3000);
    assert.ok(node.events.some(({ type }) => type === "leave-finished"));
    assert.equal(node.messages(DEAD).length, node.swim.transmitLimit);
  });
});

describe("the same seed and the same inputs", () => {
  it("give the same bytes", () => {
    const history = (): unknown[] => {
      const node = new LoneNode();
      for (let i = 2; i < 30; i++) node.receive(address(`10.0.0.${i}`), alive(`n${i}`, `10.0.0.${i}`));
      node.until(30_000);
      return node.sent.map(({ at, to, bytes }) => [at, to, Buffer.from(bytes).toString("hex")]);
    };
    assert.deepEqual(history(), history());
  });
});

describe("the internal rules", () => {
  it("of the reference differ from ours only in what is documented", () => {
    assert.deepEqual(RULES.memberlist, {
      ...RULES.hearsay,
      jitter: false,
      overlappingProbes: false,
      fairShares: false,
      repairs: false,
    });
  });
});
