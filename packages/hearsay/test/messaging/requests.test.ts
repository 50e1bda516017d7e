import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { REPLY_OK } from "@hearsay/core/messaging";
import { isHearsayError } from "../../dist/base/errors.js";
import { bytesCodec } from "../../dist/messaging/codec.js";
import { deliver } from "./fake-pool.ts";
import { BYTES, outcome, pair } from "./support.ts";

describe("a request", () => {
  it("brings back what the member's handler returns", async () => {
    const { pool, a, b } = pair();
    b.messaging.onRequest<{ n: number }, number>("double", async ({ n }, { from }) => {
      assert.equal(from, "a");
      return 2 * n;
    });
    const reply = a.messaging.request<{ n: number }, number>("b", "double", { n: 21 });
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
    const fast = a.messaging.request("b", "stats", 1, { timeout: 100 });
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
    const ended = [{ signal }, { timeout: 10 }].map((how) => outcome(a.messaging.request("b", "stats", 1, how)));
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
    assert.equal(deliver(a, forged, true), true);
    assert.equal(a.messaging.counters.repliesStray, 1);
    await pool.settle();
    assert.equal(await second, "right");
  });

  it("travels on streams only: what comes in a datagram is dropped", async () => {
    const { pool, a, b } = pair();
    let calls = 0;
    b.messaging.onRequest("stats", () => calls++);
    const request = a.messenger.request(1, "stats", new Uint8Array(0), 0);
    assert.equal(deliver(b, request, false), true);
    await pool.settle();
    assert.equal(calls, 0);
    assert.equal(b.messenger.counters.unicastDatagramsRefused, 1);
    assert.equal(deliver(b, request, true), true);
    await pool.settle();
    assert.equal(calls, 1);
  });
});
