import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ALIVE, type PushPullNode } from "@hearsay/core/wire";
import { address, alive, entry, LoneNode, quiet, state } from "../support/lone-node.ts";
import { dead } from "../support/messages.ts";

const A = address("10.0.0.2");
const PEER = address("10.9.9.9", 50_000);
const STILL = { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0 } as const;

function many(count: number): PushPullNode[] {
  return Array.from({ length: count }, (_, i) => entry(`n${i}`, `10.1.${i >> 8}.${i & 255}`));
}

describe("the states of peers", () => {
  it("are 128 at a time; further ones are refused", () => {
    const node = quiet();
    const isServed = (token: number, members: number): boolean => {
      node.swim.accept(node.now, token, PEER, state(many(members), true), node);
      return node.answers.get(token) !== null;
    };
    // The first one takes turns, so that the others wait.
    assert.ok(isServed(1, 300));
    for (let token = 2; token <= 128; token++) assert.ok(isServed(token, 1), `${token}`);
    assert.ok(!isServed(129, 1));
    assert.deepEqual([node.swim.occupancy.statesMerging, node.swim.counters.pushPullsRefused], [128, 1]);
    node.until(node.now);
    assert.ok(isServed(130, 1));
  });

  it("have four times as many entries as a view has members at the most", () => {
    const merged = (entries: number): number => {
      const node = new LoneNode({}, { ...STILL, membersMax: 10 });
      node.pushPull(PEER, many(entries));
      return node.swim.occupancy.members;
    };
    assert.deepEqual([merged(40), merged(41)], [10, 1]);
  });

  it("bring eight unknown members that are passed on at once, and others that travel on ticks", () => {
    const node = new LoneNode({}, STILL);
    for (let i = 2; i < 22; i++) node.receive(A, alive(`m${i}`, `10.0.0.${i}`));
    node.until(10_000).clear();
    node.pushPull(PEER, many(30));
    node.until(node.now);
    const told = new Set(node.messages(ALIVE).flatMap(({ node: name }) => (name.startsWith("n") ? [name] : [])));
    assert.equal(told.size, 8);
  });
});

describe("members that are lost", () => {
  it("are looked for up to 4,096", () => {
    const node = new LoneNode({}, { ...STILL, gossipToTheDeadMs: 1000, rumorsMax: 16, healIntervalMs: 2000 });
    const members = Array.from({ length: 4100 }, (_, i) => alive(`n${i}`, `10.1.${i >> 8}.${i & 255}`));
    for (let i = 0; i < members.length; i += 8) {
      const some = members.slice(i, i + 8);
      node.receive(A, ...some).receive(A, ...some.map(({ node: name }) => dead(name, "b")));
    }
    assert.equal(node.until(10_000).swim.occupancy.members, 1);
    assert.equal(node.swim.occupancy.lost, 4096);
  });
});
