import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { jsonCodec } from "../../dist/messaging/codec.js";
import { REPLIES_HELD_MAX, REPLY_BYTES_HELD_MAX, REPLY_HELD_MS } from "../../dist/messaging/held-replies.js";
import { becomeKnown } from "./fake-pool.ts";
import { BYTES, outcome, pair } from "./support.ts";

describe("a reply to a node that is not known yet", () => {
  it("waits until it is", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("stats", () => 1);
    pool.unknown.add("a");
    const reply = a.messaging.request("b", "stats", 1);
    await pool.settle();
    assert.equal(b.messaging.occupancy.repliesHeld, 1);
    becomeKnown(b, "c");
    assert.equal(b.messaging.occupancy.repliesHeld, 1);
    pool.unknown.delete("a");
    becomeKnown(b, "a");
    await pool.settle();
    assert.equal(await reply, 1);
    assert.equal(b.messaging.occupancy.repliesHeld, 0);
    assert.equal(b.messaging.counters.repliesLost, 0);
    assert.equal(pool.timers.size, 0);
  });

  it("is lost after five seconds, and counted", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("stats", () => 1);
    pool.unknown.add("a");
    const reply = outcome(a.messaging.request("b", "stats", 1, { timeout: 60_000 }));
    await pool.settle();
    await pool.advance(REPLY_HELD_MS - 1);
    assert.equal(b.messaging.counters.repliesLost, 0);
    await pool.advance(1);
    assert.deepEqual([b.messaging.counters.repliesLost, b.messaging.occupancy.repliesHeld], [1, 0]);
    pool.unknown.delete("a");
    becomeKnown(b, "a");
    await pool.advance(60_000);
    assert.equal(await reply, "ERR_TIMEOUT");
  });

  it("is lost at once, and counted, where too many wait or too many bytes", async () => {
    const { pool, a, b } = pair();
    pool.unknown.add("a");
    const ask = (name: string): void => void outcome(a.messaging.request("b", name, null));
    for (let i = 0; i < REPLIES_HELD_MAX + 1; i++) ask("nobody handles this");
    await pool.settle();
    assert.equal(b.messaging.occupancy.repliesHeld, REPLIES_HELD_MAX);
    assert.equal(b.messaging.counters.repliesLost, 1);
    await pool.advance(REPLY_HELD_MS);
    const codec = { ...BYTES, request: jsonCodec<null>() };
    b.messaging.onRequest("much", () => new Uint8Array(REPLY_BYTES_HELD_MAX / 2 - 1000), { codec });
    for (let i = 0; i < 3; i++) ask("much");
    await pool.settle();
    assert.equal(b.messaging.occupancy.repliesHeld, 2);
    assert.equal(b.messaging.counters.repliesLost, 1 + REPLIES_HELD_MAX + 1);
  });

  it("is given up with the cluster", async () => {
    const { pool, a, b } = pair();
    pool.unknown.add("a");
    void outcome(a.messaging.request("b", "nobody handles this", null));
    await pool.settle();
    a.lifecycle.end(null);
    b.lifecycle.end(null);
    assert.equal(b.messaging.occupancy.repliesHeld, 0);
    assert.equal(pool.timers.size, 0);
  });
});
