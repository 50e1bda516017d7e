import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UNICAST_PAYLOAD_BYTES_MAX } from "@hearsay/core/messaging";
import { HearsayError, isHearsayError } from "../../dist/base/errors.js";
import {
  HANDLER_MS_MAX,
  REQUESTS_HANDLED_BYTES_MAX,
  REQUESTS_HANDLED_MAX,
} from "../../dist/messaging/request-handlers.js";
import { REQUESTS_PENDING_MAX } from "../../dist/messaging/requests.js";
import { FakePool } from "./fake-pool.ts";
import { BYTES, outcome, pair } from "./support.ts";

const EMPTY = new Uint8Array(0);

describe("requests keep within their limits", () => {
  it("one too many under way is refused, and a place that is free again is given", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("stats", () => 1);
    const replies = Array.from({ length: REQUESTS_PENDING_MAX }, () => outcome(a.messaging.request("b", "stats", 1)));
    assert.equal(await outcome(a.messaging.request("b", "stats", 1)), "ERR_BUSY");
    pool.lose();
    await pool.advance(5000);
    assert.deepEqual(new Set(await Promise.all(replies)), new Set(["ERR_TIMEOUT"]));
    const again = a.messaging.request("b", "stats", 1);
    await pool.settle();
    assert.equal(await again, 1);
  });

  it("one too many being handled fails, and says so", async () => {
    const { pool, a, b } = pair();
    const ends: (() => void)[] = [];
    b.messaging.onRequest("wait", () => new Promise<void>((resolve) => ends.push(resolve)));
    const replies = Array.from({ length: REQUESTS_HANDLED_MAX }, () => a.messaging.request("b", "wait", 1));
    await pool.settle();
    const extra = a.messaging.request("b", "wait", 1).catch((error: unknown) => error);
    await pool.settle();
    const error = await extra;
    assert.ok(isHearsayError(error, "ERR_HANDLER_FAILED"));
    assert.equal(error.data.detail, "too many requests at once");
    assert.equal(b.messaging.counters.requestsRefused, 1);
    for (const end of ends) end();
    await pool.settle();
    await Promise.all(replies);
  });

  it("payloads that are too long together fail, and say so, and have their place again afterwards", async () => {
    const { pool, a, b } = pair();
    const ends: (() => void)[] = [];
    b.messaging.onRequest("wait", () => new Promise<Uint8Array>((resolve) => ends.push(() => resolve(EMPTY))), {
      codec: BYTES,
    });
    const ask = () => a.messaging.request("b", "wait", new Uint8Array(UNICAST_PAYLOAD_BYTES_MAX), { codec: BYTES });
    const replies = Array.from({ length: REQUESTS_HANDLED_BYTES_MAX / UNICAST_PAYLOAD_BYTES_MAX }, ask);
    await pool.settle();
    const extra = outcome(ask());
    await pool.settle();
    assert.equal(await extra, "ERR_HANDLER_FAILED");
    assert.equal(b.messaging.counters.requestsRefused, 1);
    for (const end of ends.splice(0)) end();
    await pool.settle();
    await Promise.all(replies);
    const again = ask();
    await pool.settle();
    for (const end of ends) end();
    await pool.settle();
    assert.equal((await again).length, 0);
  });

  it("a handler that never ends loses its place after a minute, and is told", async () => {
    const { pool, a, b } = pair();
    const signals: AbortSignal[] = [];
    b.messaging.onRequest("hang", (_, { signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    const reply = outcome(a.messaging.request("b", "hang", 1, { timeout: 2 * HANDLER_MS_MAX }));
    await pool.settle();
    await pool.advance(HANDLER_MS_MAX - 1);
    assert.equal(signals[0]?.aborted, false);
    await pool.advance(1);
    assert.equal(signals[0]?.aborted, true);
    assert.equal(await reply, "ERR_HANDLER_FAILED");
    assert.equal(b.messaging.occupancy.requestsHandled, 0);
  });

  it("payloads of more than 8 MiB are refused on either way", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("large", (n: Uint8Array) => new Uint8Array(UNICAST_PAYLOAD_BYTES_MAX + n.length), {
      codec: BYTES,
    });
    const ask = (bytes: Uint8Array) => outcome(a.messaging.request("b", "large", bytes, { codec: BYTES }));
    assert.equal(await ask(new Uint8Array(UNICAST_PAYLOAD_BYTES_MAX + 1)), "ERR_MESSAGE_TOO_LARGE");
    const [fits, exceeds] = [ask(new Uint8Array(0)), ask(new Uint8Array(1))];
    await pool.settle();
    const whole = await fits;
    assert.ok(whole instanceof Uint8Array && whole.length === UNICAST_PAYLOAD_BYTES_MAX);
    assert.equal(await exceeds, "ERR_HANDLER_FAILED");
  });
});

describe("requests end with the cluster", () => {
  it("those under way reject with the reason, and running handlers are told", async () => {
    const { pool, a, b } = pair();
    const signals: AbortSignal[] = [];
    b.messaging.onRequest("hang", (_, { signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    const reply = a.messaging.request("b", "hang", 1);
    const failure = new HearsayError("ERR_TRANSPORT", "sockets gone", { detail: "" });
    const checked = assert.rejects(reply, { code: "ERR_CLOSED", data: { status: "failed" }, cause: failure });
    await pool.settle();
    a.lifecycle.end(failure);
    b.lifecycle.end(null);
    await checked;
    assert.equal(signals[0]?.aborted, true);
    assert.equal(pool.timers.size, 0);
    await assert.rejects(a.messaging.request("b", "hang", 1), { code: "ERR_CLOSED" });
    assert.throws(() => b.messaging.onRequest("more", () => 1), { code: "ERR_CLOSED" });
  });

  it("a handler that ends after it sends no reply", async () => {
    const { pool, a, b } = pair();
    const ends: (() => void)[] = [];
    b.messaging.onRequest("wait", () => new Promise<void>((resolve) => ends.push(resolve)));
    const reply = outcome(a.messaging.request("b", "wait", 1));
    await pool.settle();
    b.lifecycle.end(null);
    for (const end of ends) end();
    await pool.settle();
    assert.equal(a.messenger.counters.replies, 0);
    await pool.advance(5000);
    assert.equal(await reply, "ERR_TIMEOUT");
  });

  it("without extensions there are none", async () => {
    const pool = new FakePool();
    const off = pool.node("off", false);
    await assert.rejects(off.messaging.request("off", "stats", 1), { code: "ERR_EXTENSIONS_OFF" });
    assert.throws(() => off.messaging.onRequest("stats", () => 1), { code: "ERR_EXTENSIONS_OFF" });
  });

  it("names and options that cannot be are refused", async () => {
    const { a } = pair();
    a.messaging.onRequest("stats", () => 1);
    assert.throws(() => a.messaging.onRequest("stats", () => 2), { code: "ERR_CONFIG" });
    assert.throws(() => a.messaging.onRequest("", () => 2), { code: "ERR_CONFIG" });
    await assert.rejects(a.messaging.request("b", "x".repeat(256), 1), { code: "ERR_CONFIG" });
    for (const timeout of [0, -1, Number.NaN, 2 ** 31]) {
      await assert.rejects(a.messaging.request("b", "stats", 1, { timeout }), { code: "ERR_CONFIG" });
    }
  });
});
