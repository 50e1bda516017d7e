import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ENTRIES_ENCODED_PER_SLICE, ENTRIES_MERGED_PER_SLICE } from "@hearsay/core/internal";
import type { PushPullNode } from "@hearsay/core/wire";
import { address, alive, entry, type LoneNode, quiet, state } from "../support/lone-node.ts";

const PEER = address("10.9.9.9", 50_000);

function many(count: number): PushPullNode[] {
  return Array.from({ length: count }, (_, i) => entry(`n${i}`, `10.1.${i >> 8}.${i & 255}`));
}

/** Brings the node a state and gives it no turn for what it leaves to do. Whether the node answered with its own. */
function tell(node: LoneNode, token: number, request: Uint8Array): boolean {
  node.swim.accept(node.now, token, PEER, request, node);
  return node.answers.get(token) !== null;
}

describe("a state with an entry of this node's own name", () => {
  it("from a life with other versions is refuted, as such an alive in a datagram is", () => {
    const versions = { vsn: Uint8Array.of(1, 5, 2, 2, 5, 5) };
    const own = { delegateVersions: [2, 4, 4] } as const;
    const vsn = Uint8Array.of(1, 5, 2, 2, 5, 4);
    const told = quiet(own);
    told.pushPull(PEER, [
      entry("peer", "10.9.9.9", { vsn }),
      entry("self", "10.0.0.1", { incarnation: 7, ...versions }),
    ]);
    assert.equal(told.swim.member("self")?.incarnation, 8);
    assert.equal(told.swim.counters.entriesRefused, 0);
    const heard = quiet(own).receive(PEER, alive("self", "10.0.0.1", 7, versions));
    assert.equal(heard.swim.member("self")?.incarnation, 8);
  });
});

describe("states that wait to be merged", () => {
  // Three of them fit in 64 MiB.
  const long = state([], true, new Uint8Array(20 * 1024 * 1024));
  const slow = state(many(ENTRIES_MERGED_PER_SLICE + 1), true);

  it("hold no more than 64 MiB, and make room as they are done", () => {
    const node = quiet();
    const served = [slow, long, long, long, long, long, state([], true)].map((one, i) => tell(node, 11 + i, one));
    assert.deepEqual(served, [true, true, true, true, false, false, true]);
    assert.equal(node.swim.counters.pushPullsRefused, 2);
    node.until(0);
    assert.equal(node.swim.occupancy.statesMerging, 0);
    assert.deepEqual(
      [slow, long, long, long, long].map((one, i) => tell(node, 21 + i, one)),
      [true, true, true, true, false],
    );
  });

  it("count while the answer to them is still being encoded", () => {
    const node = quiet();
    node.pushPull(PEER, many(ENTRIES_ENCODED_PER_SLICE));
    const served = [long, long, long, long].map((one, i) => tell(node, 11 + i, one));
    assert.equal(node.swim.occupancy.statesMerging, 0);
    assert.deepEqual(served, [true, true, true, false]);
    node.until(0);
    assert.ok(tell(node, 21, long));
  });

  it("count no more once their join is cancelled", () => {
    const node = quiet();
    for (let i = 0; i < 4; i++) {
      const join = 1;
      node.swim.join(0, join, [PEER], node);
      const { token } = node.exchanges.at(-1) ?? assert.fail();
      assert.ok(tell(node, 11 + i, slow), "another state is merged meanwhile");
      node.swim.exchangeDone(0, token, { ok: true, message: long }, node);
      node.swim.cancelJoin(0, join, node);
      node.until(0);
    }
    assert.ok(tell(node, 21, long));
    assert.equal(node.swim.counters.pushPullsRefused, 0);
  });

  it("count whoever dialled, and a join hears of it", () => {
    const node = quiet();
    assert.ok(tell(node, 11, slow));
    for (let i = 0; i < 4; i++) node.swim.join(0, i + 1, [address(`10.0.0.${i + 2}`)], node);
    for (const { token } of node.exchanges) node.swim.exchangeDone(0, token, { ok: true, message: long }, node);
    node.until(0);
    const ends = node.events.flatMap((event) => (event.type === "join-finished" ? [event] : []));
    assert.deepEqual(
      ends.map(({ contacted, failures }) => [contacted, failures[0]?.reason]),
      [
        [0, "refused"],
        [1, undefined],
        [1, undefined],
        [1, undefined],
      ],
    );
  });
});
