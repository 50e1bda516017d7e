import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { REPLY_OK, UNICAST_PAYLOAD_BYTES_MAX } from "@hearsay/core/messaging";
import { HearsayError, isHearsayError } from "../../dist/errors.js";
import { bytesCodec, jsonCodec } from "../../dist/messaging/codec.js";
import { REPLIES_HELD_MAX, REPLY_BYTES_HELD_MAX, REPLY_HELD_MS } from "../../dist/messaging/held-replies.js";
import { HANDLER_MS_MAX, REQUESTS_HANDLED_MAX } from "../../dist/messaging/request-handlers.js";
import { REQUESTS_PENDING_MAX } from "../../dist/messaging/requests.js";
import { type FakeNode, FakePool } from "./fake-pool.ts";

const BYTES = { request: bytesCodec, reply: bytesCodec };

function pair(): { pool: FakePool; a: FakeNode; b: FakeNode } {
  const pool = new FakePool();
  return { pool, a: pool.node("a"), b: pool.node("b") };
}

/** The outcome of a promise that may fail before anybody looks. */
function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error: unknown) => (isHearsayError(error) ? error.code : error),
  );
}

describe("a request", () => {
  it("brings back what the member's handler returns", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest<{ n: number }, number>("double", async ({ n }, { from }) => {
      assert.equal(from, "a");
      return 2 * n;
    });
    const reply = a.messaging.request<number>("b", "double", { n: 21 });
    await pool.settle();
    assert.equal(await reply, 42);
    assert.equal(pool.timers.size, 0);
  });

  it("carries bytes as they are, though the datagram's are overwritten", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("echo", async (bytes: Uint8Array) => bytes, { codec: BYTES });
    const reply = a.messaging.request("b", "echo", Uint8Array.of(1, 2, 3), { codec: BYTES });
    await pool.settle();
    assert.deepEqual(await reply, Uint8Array.of(1, 2, 3));
  });

  it("to oneself is answered like any other", async () => {
    const { pool, a } = pair();
    a.messaging.onRequest("ping", () => "pong");
    const reply = a.messaging.request("a", "ping", null);
    await pool.settle();
    assert.equal(await reply, "pong");
  });

  it("runs beside others, and replies find their way in any order", async () => {
    const { pool, a, b } = pair();
    const ends: (() => void)[] = [];
    b.messaging.onRequest<number, number>("wait", (n) => new Promise((resolve) => ends.push(() => resolve(n))));
    const replies = [1, 2, 3].map((n) => a.messaging.request("b", "wait", n));
    await pool.settle();
    assert.deepEqual(b.messaging.occupancy.requestsHandled, 3);
    for (const end of ends.reverse()) end();
    await pool.settle();
    assert.deepEqual(await Promise.all(replies), [1, 2, 3]);
    assert.equal(a.messaging.occupancy.requestsPending, 0);
    assert.equal(b.messaging.occupancy.requestsHandled, 0);
  });

  it("fails at once for an unknown member", async () => {
    const { pool, a } = pair();
    await assert.rejects(a.messaging.request("nobody", "stats", 1), {
      code: "ERR_UNKNOWN_MEMBER",
      data: { name: "nobody" },
    });
    assert.equal(pool.timers.size, 0);
  });

  it("fails where nobody handles it, and where the handler is gone again", async () => {
    const { pool, a, b } = pair();
    const remove = b.messaging.onRequest("stats", () => 1);
    remove();
    const reply = outcome(a.messaging.request("b", "stats", 1));
    await pool.settle();
    assert.equal(await reply, "ERR_NO_HANDLER");
  });

  it("fails with the message of what the handler throws, not with its stack", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("sync", () => {
      throw new Error("out of order");
    });
    b.messaging.onRequest("odd", () => Promise.reject({ toString: null }));
    const replies = [a.messaging.request("b", "sync", 1), a.messaging.request("b", "odd", 1)].map((reply) =>
      reply.catch((error: unknown) => error),
    );
    await pool.settle();
    const [thrown, odd] = await Promise.all(replies);
    assert.ok(isHearsayError(thrown, "ERR_HANDLER_FAILED") && isHearsayError(odd, "ERR_HANDLER_FAILED"));
    assert.deepEqual(thrown.data, { name: "sync", member: "b", detail: "out of order" });
    assert.equal(odd.data.detail, "no error was given");
    assert.equal(b.messaging.counters.handlersFailed, 2);
    assert.equal(b.warnings.length, 2);
  });

  it("gets at most 1,024 bytes of a long failure, cut between characters", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("long", () => {
      throw new Error(`x${"é".repeat(2000)}`);
    });
    const reply = a.messaging.request("b", "long", 1).catch((error: unknown) => error);
    await pool.settle();
    const error = await reply;
    assert.ok(isHearsayError(error, "ERR_HANDLER_FAILED"));
    assert.equal(error.data.detail, `x${"é".repeat(511)}`);
  });

  it("fails when either side cannot read the other", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("json", () => 1);
    b.messaging.onRequest("bytes", () => Uint8Array.of(0x7b), { codec: { request: bytesCodec, reply: bytesCodec } });
    const unreadable = outcome(a.messaging.request("b", "json", Uint8Array.of(0x7b), { codec: BYTES }));
    const reply = outcome(a.messaging.request("b", "bytes", 1));
    await pool.settle();
    assert.deepEqual(await Promise.all([unreadable, reply]), ["ERR_HANDLER_FAILED", "ERR_HANDLER_FAILED"]);
    assert.equal(a.messaging.counters.payloadsUnreadable, 1);
    assert.equal(b.messaging.counters.payloadsUnreadable, 1);
  });

  it("fails when the codec makes no bytes of the reply, and gives its place back", async () => {
    const { pool, a, b } = pair();
    for (const [name, made] of [
      ["nothing", undefined],
      ["null", null],
      ["text", "abc"],
      ["list", [1, 2]],
    ] as const) {
      // As JavaScript without types may have it.
      const codec = { ...bytesCodec };
      Reflect.set(codec, "encode", () => made);
      b.messaging.onRequest(name, () => Uint8Array.of(1), { codec: { request: bytesCodec, reply: codec } });
      const reply = outcome(a.messaging.request("b", name, Uint8Array.of(1), { codec: BYTES }));
      await pool.settle();
      assert.equal(b.messaging.occupancy.requestsHandled, 0, name);
      assert.equal(await reply, "ERR_HANDLER_FAILED", name);
    }
    assert.equal(b.messaging.counters.handlersFailed, 4);
    assert.equal(pool.timers.size, 0);
  });

  it("fails after 5 seconds without a reply, or after the given time", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("stats", () => 1);
    const slow = outcome(a.messaging.request("b", "stats", 1));
    const fast = a.messaging.request("b", "stats", 1, { timeoutMs: 100 });
    const checked = assert.rejects(fast, { code: "ERR_TIMEOUT", retryable: true });
    pool.lose();
    await pool.advance(100);
    await checked;
    assert.equal(a.messaging.occupancy.requestsPending, 1);
    await pool.advance(4899);
    assert.equal(a.messaging.occupancy.requestsPending, 1);
    await pool.advance(1);
    assert.equal(await slow, "ERR_TIMEOUT");
  });

  it("that was aborted, or came to its time, before it was sent is not sent any more", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("stats", () => assert.fail("nobody waits for this"));
    const controller = new AbortController();
    const { signal } = controller;
    const ended = [{ signal }, { timeoutMs: 10 }].map((how) => outcome(a.messaging.request("b", "stats", 1, how)));
    controller.abort();
    await pool.advance(10);
    assert.deepEqual(await Promise.all(ended), ["ERR_ABORTED", "ERR_TIMEOUT"]);
    assert.equal(b.messaging.counters.handlersFailed, 0);
  });

  it("ends when its signal is aborted, and a late reply is stray", async () => {
    const { pool, a, b } = pair();
    let end: (reply: number) => void = () => assert.fail("the handler was never called");
    b.messaging.onRequest("stats", () => {
      return new Promise<number>((resolve) => {
        end = resolve;
      });
    });
    const controller = new AbortController();
    const reply = a.messaging.request("b", "stats", 1, { signal: controller.signal });
    const checked = assert.rejects(reply, { code: "ERR_ABORTED", cause: "enough" });
    await pool.settle();
    controller.abort("enough");
    await checked;
    end(1);
    await pool.settle();
    assert.equal(a.messaging.counters.repliesStray, 1);
    assert.equal(pool.timers.size, 0);
    await assert.rejects(a.messaging.request("b", "stats", 1, { signal: controller.signal }), { code: "ERR_ABORTED" });
  });

  it("is not answered by any other member than the one asked", async () => {
    const { pool, a, b } = pair();
    const thief = pool.node("thief");
    b.messaging.onRequest("stats", () => "right");
    const reply = a.messaging.request("b", "stats", 1);
    await pool.settle();
    assert.equal(await reply, "right");
    const skipped = a.messenger.nextRequestId();
    const second = a.messaging.request("b", "stats", 1);
    const forged = thief.messenger.reply(skipped + 1, REPLY_OK, new TextEncoder().encode('"wrong"'), 0);
    assert.equal(a.messaging.deliver(forged, thief.address, true), true);
    assert.equal(a.messaging.counters.repliesStray, 1);
    await pool.settle();
    assert.equal(await second, "right");
  });

  it("travels on streams only: what comes in a datagram is dropped", async () => {
    const { pool, a, b } = pair();
    let calls = 0;
    b.messaging.onRequest("stats", () => calls++);
    const request = a.messenger.request(1, "stats", new Uint8Array(0), 0);
    assert.equal(b.messaging.deliver(request, a.address, false), true);
    await pool.settle();
    assert.equal(calls, 0);
    assert.equal(b.messaging.counters.unicastDatagramsRefused, 1);
    assert.equal(b.messaging.deliver(request, a.address, true), true);
    await pool.settle();
    assert.equal(calls, 1);
  });
});

describe("a reply to a node that is not known yet", () => {
  it("waits until it is", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest("stats", () => 1);
    pool.unknown.add("a");
    const reply = a.messaging.request("b", "stats", 1);
    await pool.settle();
    assert.equal(b.messaging.occupancy.repliesHeld, 1);
    b.messaging.joined("c");
    assert.equal(b.messaging.occupancy.repliesHeld, 1);
    pool.unknown.delete("a");
    b.messaging.joined("a");
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
    const reply = outcome(a.messaging.request("b", "stats", 1, { timeoutMs: 60_000 }));
    await pool.settle();
    await pool.advance(REPLY_HELD_MS - 1);
    assert.equal(b.messaging.counters.repliesLost, 0);
    await pool.advance(1);
    assert.deepEqual([b.messaging.counters.repliesLost, b.messaging.occupancy.repliesHeld], [1, 0]);
    pool.unknown.delete("a");
    b.messaging.joined("a");
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
    a.messaging.close(null);
    b.messaging.close(null);
    assert.equal(b.messaging.occupancy.repliesHeld, 0);
    assert.equal(pool.timers.size, 0);
  });
});

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

  it("a handler that never ends loses its place after a minute, and is told", async () => {
    const { pool, a, b } = pair();
    const signals: AbortSignal[] = [];
    b.messaging.onRequest("hang", (_, { signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    const reply = outcome(a.messaging.request("b", "hang", 1, { timeoutMs: 2 * HANDLER_MS_MAX }));
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
    const checked = assert.rejects(reply, { code: "ERR_CLOSED", data: { state: "failed" }, cause: failure });
    await pool.settle();
    a.messaging.close(failure);
    b.messaging.close(null);
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
    b.messaging.close(null);
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
    for (const timeoutMs of [0, -1, Number.NaN, 2 ** 31]) {
      await assert.rejects(a.messaging.request("b", "stats", 1, { timeoutMs }), { code: "ERR_CONFIG" });
    }
  });
});
