import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ExchangeResult, SwimConfig } from "@hearsay/core";
import { RULES } from "@hearsay/core/internal";
import { PUSH_PULL } from "@hearsay/core/wire";
import { address, alive, type Exchange, entry, LoneNode, state } from "../support/lone-node.ts";

const B = address("10.0.0.3");
/** Nothing but joins and what follows them. */
const QUIET: Partial<SwimConfig> = { pushPullIntervalMs: 0, probeIntervalMs: 0, healIntervalMs: 3_600_000 };

/** What a pool of these members sends. */
function states(...names: string[]): ExchangeResult {
  const told = names.map((name, i) => entry(name, `10.0.0.${i + 3}`));
  return { ok: true, message: state(told, false) };
}

/** A node that has just joined a pool of one, at time 0. */
function joined(node: LoneNode = new LoneNode({}, QUIET)): LoneNode {
  node.swim.join(0, 1, [B], node);
  answer(node, states("b"));
  return node;
}

function answer(node: LoneNode, result: ExchangeResult): Exchange {
  const exchange = node.exchanges.pop() ?? assert.fail("no exchange is under way");
  assert.equal(exchange.request[0], PUSH_PULL);
  node.swim.exchangeDone(node.now, exchange.token, result, node);
  return exchange;
}

describe("after a join", () => {
  it("states are exchanged once more, half a second to a second later", () => {
    const node = joined().until(499);
    assert.deepEqual(node.exchanges, []);
    node.until(1000);
    assert.equal(node.exchanges.length, 1);
    answer(node, states("b"));
    assert.deepEqual(node.until(60_000).exchanges, []);
  });

  it("that goes on for as long as it teaches something", () => {
    const node = joined();
    for (const round of [
      ["b", "c"],
      ["b", "c", "d"],
      ["b", "c", "d"],
    ])
      answer(node.until(node.now + 1000), states(...round));
    assert.deepEqual(node.until(60_000).exchanges, []);
  });

  it("a round that fails is tried again, five in all", () => {
    const node = joined();
    for (let round = 1; round <= 5; round++) {
      answer(node.until(node.now + 1000), { ok: false, failure: "timeout", detail: "" });
    }
    assert.deepEqual(node.until(60_000).exchanges, []);
  });

  it("by the reference's rules nothing follows", () => {
    const node = joined(new LoneNode({ rules: { ...RULES.hearsay, repairs: false } }, QUIET));
    assert.deepEqual(node.until(60_000).exchanges, []);
  });
});

describe("while others join too", () => {
  it("one more exchange follows as soon as the view has stood still for a look or two", () => {
    const node = joined().until(10);
    node.receive(B, alive("c", "10.0.0.4"));
    const settled = answer(node.until(160), states("b", "c"));
    assert.ok(settled.at >= 50 && settled.at <= 150, `at ${settled.at}`);
    assert.deepEqual(node.until(499).exchanges, []);
  });

  it("it waits while they come, and never beyond a second", () => {
    const node = joined();
    for (let i = 0; i < 60; i++) node.until(20 * i).receive(B, alive(`m${i}`, `10.0.1.${i}`));
    const early = node.exchanges.filter(({ at }) => at < 500);
    assert.deepEqual(early, []);
  });

  it("a further join begins anew, and what the earlier one had set going ends", () => {
    const node = joined();
    for (let i = 0; i < 9; i++) joined(node);
    for (let i = 0; i < 40; i++) node.until(5 * i).receive(B, alive(`m${i}`, `10.0.1.${i}`));
    node.until(499);
    assert.equal(node.exchanges.length, 1);
    answer(node, states("b"));
    node.until(1000);
    assert.equal(node.exchanges.length, 1);
  });

  it("a view of two hundred has it, too", () => {
    const node = new LoneNode({}, QUIET);
    node.swim.join(0, 1, [B], node);
    answer(node, states(...Array.from({ length: 200 }, (_, i) => `n${i}`)));
    node.until(10).receive(B, alive("one more", "10.0.2.1"));
    assert.equal(node.until(160).exchanges.length, 1);
  });

  it("a view of hundreds doesn't pay for it", () => {
    const node = new LoneNode({}, QUIET);
    node.swim.join(0, 1, [B], node);
    answer(node, states(...Array.from({ length: 250 }, (_, i) => `n${i}`)));
    node.until(10);
    for (let i = 0; i < 10; i++) node.receive(B, alive(`m${i}`, `10.0.1.${i}`));
    assert.deepEqual(node.until(499).exchanges, []);
  });
});
