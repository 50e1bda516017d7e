import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ACK } from "@hearsay/core/wire";
import { address, alive, entry, type LoneNode, quiet, state } from "../support/lone-node.ts";
import { ping } from "../support/messages.ts";

const NONE = new Uint8Array(0);
const A = address("10.0.0.2");
const B = address("10.0.0.3");

describe("a push/pull", () => {
  it("is answered with what was known before it", () => {
    const node = quiet().receive(A, alive("a", "10.0.0.2"));
    const answer = node.pushPull(B, [entry("b", "10.0.0.3")]);
    assert.deepEqual(answer?.map(({ name }) => name).sort(), ["a", "self"]);
    assert.equal(node.swim.statusOf("b"), "alive");
  });

  it("with bad entries teaches the good ones, and fails only for the peer's own", () => {
    const bad = { vsn: Uint8Array.of(1, 5) };
    const node = quiet();
    node.pushPull(B, [entry("b", "10.0.0.3"), entry("bad", "10.0.0.9", bad), entry("c", "10.0.0.4")]);
    assert.deepEqual(node.changes(), ["joined self", "joined b", "joined c"]);
    assert.equal(node.swim.counters.entriesRefused, 1);
    const strict = quiet();
    strict.pushPull(B, [entry("b", "10.0.0.3", bad), entry("c", "10.0.0.4")]);
    assert.deepEqual(strict.changes(), ["joined self"]);
  });

  it("of ten thousand members is merged in many turns, between which pings are answered", () => {
    const node = quiet();
    const many = Array.from({ length: 10_000 }, (_, i) => entry(`n${i}`, `10.1.${i >> 8}.${i & 255}`));
    node.swim.accept(node.now, 1, B, state(many, true), node);
    let turns = 0;
    for (let known = 1; known < 10_001; turns++) {
      assert.ok(node.swim.nextDeadline() <= node.now, "there is more to do at once");
      node.swim.advance(node.now, node);
      const { members } = node.swim.occupancy;
      assert.ok(members - known <= 300, `${members - known} members were merged in one turn`);
      known = members;
      node.clear().receive(A, ping("self", { seqNo: 1 + turns }));
      assert.deepEqual(node.messages(ACK), [{ type: ACK, seqNo: 1 + turns, payload: null }]);
    }
    // Each entry is read twice: first to see whether the state may come in at all.
    assert.ok(turns >= 2 * 33 && turns <= 2 * 50, `${turns} turns`);
  });
});

describe("a push/pull with another pool", () => {
  const serf = { vsn: Uint8Array.of(1, 5, 2, 2, 5, 5) };

  function joined(entries: ReturnType<typeof entry>[]): LoneNode {
    const node = quiet();
    node.swim.join(0, 1, [address("203.0.113.1")], node);
    const message = state(entries, true);
    node.swim.exchangeDone(1, node.exchanges[0]?.token ?? 0, { ok: true, message }, node);
    return node;
  }

  function failure(node: LoneNode): string | undefined {
    const finished = node.events.find((event) => event.type === "join-finished");
    return finished?.type === "join-finished" ? finished.failures[0]?.reason : undefined;
  }

  it("behind a port mapping is found out although nobody there has the address that was dialled", () => {
    assert.equal(failure(joined([entry("a", "10.1.0.1", serf), entry("b", "10.1.0.2", serf)])), "protocol-mismatch");
    assert.equal(failure(joined([entry("a", "10.1.0.1", serf), entry("b", "10.1.0.2")])), undefined);
  });

  it("is not seen in a dead member that had the peer's address before it", () => {
    const old = { state: 2, vsn: NONE };
    assert.equal(failure(joined([entry("old", "203.0.113.1", old), entry("new", "203.0.113.1")])), undefined);
  });
});
