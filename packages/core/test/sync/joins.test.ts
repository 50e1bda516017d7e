import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ENTRIES_ENCODED_PER_SLICE, ENTRIES_MERGED_PER_SLICE } from "@hearsay/core/internal";
import { address, entries, entry, LoneNode, state } from "../support/lone-node.ts";

const A = address("10.0.0.2");
const B = address("10.0.0.3");
const PEER = address("10.9.9.9", 50_000);

/** Does nothing of itself, so that all that happens is the join's doing. */
const STILL = { probeIntervalMs: 0, gossipIntervalMs: 0, pushPullIntervalMs: 0, healIntervalMs: 3_600_000 } as const;

function many(count: number): ReturnType<typeof entry>[] {
  return Array.from({ length: count }, (_, i) => entry(`n${i}`, `10.1.${i >> 8}.${i & 255}`));
}

/** What each join that has finished came to. */
function finished(node: LoneNode): { token: number; contacted: number; reasons: string[] }[] {
  return node.events.flatMap((event) => {
    if (event.type !== "join-finished") return [];
    return [{ token: event.token, contacted: event.contacted, reasons: event.failures.map(({ reason }) => reason) }];
  });
}

describe("a join that is cancelled", () => {
  it("ends the exchanges that the host has under way, and dials nobody further", () => {
    const node = new LoneNode({}, { ...STILL, joinParallel: 2 });
    const token = 1;
    node.swim.join(0, token, [A, B, address("10.0.0.4")], node);
    const asked = node.exchanges.map((exchange) => exchange.token);
    assert.equal(asked.length, 2);
    node.swim.cancelJoin(1, token, node);
    assert.deepEqual(node.cancelled, asked);
    assert.equal(node.swim.occupancy.exchanges, 0);
    assert.deepEqual(finished(node), [{ token, contacted: 0, reasons: ["cancelled", "cancelled", "cancelled"] }]);
    assert.equal(node.clear().until(60_000).exchanges.length, 0);
  });

  it("tells the host to end no exchange that it has reported", () => {
    const node = new LoneNode({}, { ...STILL, joinParallel: 2 });
    const token = 1;
    node.swim.join(0, token, [A, B], node);
    const [first, second] = node.exchanges;
    node.swim.exchangeDone(1, first?.token ?? 0, { ok: false, failure: "refused", detail: "" }, node);
    node.swim.cancelJoin(2, token, node);
    assert.deepEqual(node.cancelled, [second?.token]);
    assert.deepEqual(finished(node), [{ token, contacted: 0, reasons: ["refused", "cancelled"] }]);
  });

  it("lets other joins go on", () => {
    const node = new LoneNode({}, STILL);
    const [one, other] = [1, 2];
    node.swim.join(0, one, [A], node);
    node.swim.join(0, other, [B], node);
    node.swim.cancelJoin(1, one, node);
    const answer = state([entry("b", "10.0.0.3")], false);
    node.swim.exchangeDone(2, node.exchanges[1]?.token ?? 0, { ok: true, message: answer }, node);
    assert.equal(node.swim.statusOf("b"), "alive");
    assert.deepEqual(finished(node).at(-1), { token: other, contacted: 1, reasons: [] });
  });

  it("asks nobody if our own state is still being encoded, whether it waits or is begun", () => {
    const node = new LoneNode({}, { ...STILL, joinParallel: 2 });
    node.pushPull(PEER, many(2 * ENTRIES_ENCODED_PER_SLICE));
    node.until(node.now).clear();
    const token = 1;
    node.swim.join(node.now, token, [A, B], node);
    assert.equal(node.swim.occupancy.statesEncoding, 2, "one is begun and one waits");
    node.swim.accept(node.now, 77, PEER, state([], false), node);
    node.swim.cancelJoin(node.now, token, node);
    assert.equal(node.swim.occupancy.statesEncoding, 1);
    node.until(node.now);
    assert.deepEqual(node.exchanges, []);
    assert.deepEqual(node.cancelled, []);
    assert.equal(entries(node.answers.get(77) ?? assert.fail()).length, 2 * ENTRIES_ENCODED_PER_SLICE + 1);
  });

  it("merges no more of an answer that has come in", () => {
    const node = new LoneNode({}, STILL);
    const token = 1;
    node.swim.join(0, token, [A], node);
    const answer = state(many(3 * ENTRIES_MERGED_PER_SLICE), false);
    node.swim.exchangeDone(1, node.exchanges[0]?.token ?? 0, { ok: true, message: answer }, node);
    for (let turns = 0; node.swim.occupancy.members === 1; turns++) {
      assert.ok(turns < 10, "nothing is merged");
      node.swim.advance(1, node);
    }
    const before = node.swim.occupancy.members;
    assert.ok(before < 1 + 3 * ENTRIES_MERGED_PER_SLICE);
    node.swim.cancelJoin(1, token, node);
    assert.equal(node.swim.occupancy.statesMerging, 0);
    node.clear().until(60_000);
    assert.equal(node.swim.occupancy.members, before);
    assert.deepEqual(finished(node), []);
    assert.deepEqual(node.exchanges, [], "no further exchange follows a join that has failed");
  });

  it("leaves the states of others that wait behind it to be merged", () => {
    const node = new LoneNode({}, STILL);
    const token = 1;
    node.swim.join(0, token, [A], node);
    const answer = state(many(3 * ENTRIES_MERGED_PER_SLICE), false);
    node.swim.exchangeDone(1, node.exchanges[0]?.token ?? 0, { ok: true, message: answer }, node);
    node.swim.accept(1, 77, PEER, state([entry("peer", "10.9.9.9")], true), node);
    node.swim.cancelJoin(1, token, node);
    node.until(1);
    assert.deepEqual(node.changes(), ["joined self", "joined peer"]);
  });
});
