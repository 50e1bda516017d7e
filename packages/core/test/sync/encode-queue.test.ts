import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ENTRIES_ENCODED_PER_SLICE } from "@hearsay/core/internal";
import { ACK } from "@hearsay/core/wire";
import { address, alive, entries, entry, LoneNode, state } from "../support/lone-node.ts";
import { ping } from "../support/messages.ts";

const PEER = address("10.9.9.9", 50_000);
const MEMBERS = 3 * ENTRIES_ENCODED_PER_SLICE;

/** A node that does nothing by itself and knows many members. */
function filled(): LoneNode {
  const quiet = { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0, gossipToTheDeadMs: 1000 };
  const node = new LoneNode({}, quiet);
  const many = Array.from({ length: MEMBERS }, (_, i) => entry(`n${i}`, `10.1.${i >> 8}.${i & 255}`));
  node.pushPull(PEER, many);
  return node.clear();
}

/** Asks for the node's state and stops before the second slice. */
function asked(node: LoneNode, knows = [entry("peer", "10.9.9.9")]): () => Uint8Array | null | undefined {
  const token = 1_000_000;
  node.swim.accept(node.now, token, PEER, state(knows, true), node);
  return () => node.answers.get(token);
}

describe("a view of more members than a turn encodes", () => {
  it("is told in turns of its own, between which pings are answered", () => {
    const node = filled();
    const answer = asked(node);
    assert.equal(answer(), undefined);
    let turns = 1;
    while (answer() === undefined) {
      node.clear().receive(PEER, ping("self", { seqNo: turns }));
      assert.deepEqual(node.messages(ACK), [{ type: ACK, seqNo: turns, payload: null }]);
      assert.ok(node.swim.nextDeadline() <= node.now);
      node.swim.advance(node.now, node);
      turns++;
    }
    assert.equal(turns, Math.ceil((MEMBERS + 1) / ENTRIES_ENCODED_PER_SLICE));
    assert.ok(turns >= 4 && MEMBERS > 3000 && MEMBERS <= 4000, "a turn encodes about a thousand");
    const names = entries(answer() ?? assert.fail()).map(({ name }) => name);
    assert.equal(new Set(names).size, MEMBERS + 1);
  });

  it("is told before anything of the request is merged", () => {
    const node = filled();
    const answer = asked(node, [entry("newcomer", "10.9.9.9")]);
    while (answer() === undefined) {
      assert.equal(node.swim.member("newcomer"), undefined);
      node.swim.advance(node.now, node);
    }
    assert.ok(entries(answer() ?? assert.fail()).every(({ name }) => name !== "newcomer"));
    assert.equal(node.until(node.now).swim.statusOf("newcomer"), "alive");
  });

  it("is told as it stands when each member's turn comes", () => {
    const node = filled();
    const answer = asked(node);
    const last = `n${MEMBERS - 1}`;
    node.receive(PEER, alive(last, `10.1.${(MEMBERS - 1) >> 8}.255`, 7));
    node.until(node.now);
    const told = entries(answer() ?? assert.fail()).find(({ name }) => name === last);
    assert.equal(told?.incarnation, 7);
  });

  it("leaves out whom it forgets between two turns, and says how many are left", () => {
    const node = filled();
    const leaving = [1, 2, 3].map((i) => `n${MEMBERS - i}`);
    node.pushPull(
      PEER,
      leaving.map((name) => entry(name, "10.1.0.0", { state: 3 })),
    );
    const answer = asked(node);
    // The turn comes late: by now, those who left are forgotten.
    node.swim.advance(node.now + 40_000, node);
    for (let turns = 0; answer() === undefined; turns++) {
      assert.ok(turns < 100, "there is no answer");
      node.swim.advance(node.now + 40_000, node);
    }
    assert.equal(node.swim.member(leaving[0] ?? ""), undefined);
    assert.equal(entries(answer() ?? assert.fail()).length, MEMBERS + 1 - leaving.length);
  });

  it("is told to one peer after the other", () => {
    const node = filled();
    for (let token = 11; token <= 15; token++) node.swim.accept(node.now, token, PEER, state([], false), node);
    assert.equal(node.swim.occupancy.statesEncoding, 5);
    node.until(node.now);
    assert.equal(node.swim.occupancy.statesEncoding, 0);
    for (let token = 11; token <= 15; token++)
      assert.equal(entries(node.answers.get(token) ?? assert.fail()).length, MEMBERS + 1);
  });

  it("is refused to whom comes when too many states are at work", () => {
    const node = filled();
    for (let token = 11; token <= 210; token++) node.swim.accept(node.now, token, PEER, state([], false), node);
    assert.equal(node.swim.occupancy.statesEncoding, 128);
    assert.equal(node.swim.counters.pushPullsRefused, 72);
    assert.equal(node.answers.get(210), null);
  });
});
