import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HearsayError } from "../../dist/base/errors.js";
import type { Message } from "../../dist/messaging/channel.js";
import { bytesCodec } from "../../dist/messaging/codec.js";
import { FakePool, START_MS } from "./fake-pool.ts";

/** Everything that waits in an iteration whose channel has been closed. */
async function drain<T>(messages: AsyncIterable<Message<T>>): Promise<T[]> {
  const values: T[] = [];
  for await (const { value } of messages) values.push(value);
  return values;
}

describe("a channel", () => {
  it("brings a value to all, the publisher first, with who said it and when", async () => {
    const pool = new FakePool();
    const [a, b, c] = ["a", "b", "c"].map((name) => pool.node(name));
    assert.ok(a && b && c);
    const heard = new Map<string, Message<unknown>[]>();
    for (const node of [a, b, c]) {
      const messages: Message<unknown>[] = [];
      heard.set(node.name, messages);
      node.messaging.channel("news").on((message) => messages.push(message));
    }
    const published = a.messaging.channel<object>("news").publish({ id: "7", text: "æ" });
    assert.deepEqual(
      [...heard.values()].map(({ length }) => length),
      [1, 0, 0],
    );
    await published;
    await pool.settle();
    const message = { value: { id: "7", text: "æ" }, from: "a", sentAtMs: START_MS, channel: "news" };
    assert.deepEqual(Object.fromEntries(heard), { a: [message], b: [message], c: [message] });
  });

  it("is passed on once by every node, by those too that don't read it", async () => {
    const pool = new FakePool();
    const nodes = Array.from({ length: 5 }, (_, index) => pool.node(`n${index}`));
    const [first] = nodes;
    assert.ok(first);
    await first.messaging.channel("news").publish("x", { urgency: "bulk" });
    await pool.settle();
    assert.deepEqual(
      nodes.map((node) => node.broadcasts.length),
      [1, 1, 1, 1, 1],
    );
    for (const { broadcasts } of nodes.slice(1)) {
      assert.equal(broadcasts[0]?.rumorClass, 4);
      assert.deepEqual(broadcasts[0]?.bytes, first.broadcasts[0]?.bytes);
    }
  });

  it("gives each urgency its class", async () => {
    const pool = new FakePool();
    const node = pool.node("a");
    const channel = node.messaging.channel("news");
    await channel.publish(1);
    await channel.publish(2, { urgency: "now" });
    await channel.publish(3, { urgency: "normal" });
    await channel.publish(4, { urgency: "bulk" });
    assert.deepEqual(
      node.broadcasts.map(({ rumorClass }) => rumorClass),
      [3, 0, 3, 4],
    );
  });

  it("keeps names apart", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    const heard: unknown[] = [];
    b.messaging.channel("news").on(({ value }) => heard.push(value));
    await a.messaging.channel("olds").publish(1);
    await a.messaging.channel("news").publish(2);
    await pool.settle();
    assert.deepEqual(heard, [2]);
  });

  it("takes what just fits one packet, and names size and limit of what doesn't", async () => {
    const pool = new FakePool();
    const node = pool.node("a");
    const channel = node.messaging.channel("news", { codec: bytesCodec });
    const limitBytes = 1390 - node.messenger.channelOverheadBytes("news");
    await channel.publish(new Uint8Array(limitBytes));
    assert.equal(node.broadcasts[0]?.bytes.length, 1390);
    await assert.rejects(channel.publish(new Uint8Array(limitBytes + 1)), (error) => {
      assert.ok(error instanceof HearsayError && error.code === "ERR_MESSAGE_TOO_LARGE");
      assert.deepEqual(error.data, { what: 'the message to channel "news"', sizeBytes: limitBytes + 1, limitBytes });
      return true;
    });
    assert.equal(node.broadcasts.length, 1);
  });

  it("delivers a message that is too long for its own packets, but doesn't pass it on", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    const heard: unknown[] = [];
    b.messaging.channel("news").on(({ value }) => heard.push(value));
    await a.messaging.channel("news").publish("x".repeat(1000));
    pool.payloadBytesMax = 1000;
    await pool.settle();
    assert.equal(heard.length, 1);
    assert.equal(b.broadcasts.length, 0);
    assert.equal(b.messenger.counters.relaysTooLarge, 1);
  });

  it("hands out bytes that stay as they are when the datagram is overwritten", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    const heard: Uint8Array[] = [];
    b.messaging.channel("raw", { codec: bytesCodec }).on(({ value }) => heard.push(value));
    await a.messaging.channel("raw", { codec: bytesCodec }).publish(Uint8Array.of(1, 2, 3));
    await pool.settle();
    assert.deepEqual(heard, [Uint8Array.of(1, 2, 3)]);
  });

  it("carries every JSON value, and undefined", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    const values = [undefined, null, 0, "", false, [], {}, "\ufeffæ€😀", [1, [2]]];
    const messages = b.messaging.channel("news").messages();
    for (const value of values) await a.messaging.channel("news").publish(value);
    await pool.settle();
    b.lifecycle.end(null);
    assert.deepEqual(await drain(messages), values);
    await assert.rejects(
      a.messaging.channel("news").publish(() => 1),
      TypeError,
    );
  });
});

describe("readers of a channel", () => {
  it("each get every message, in a queue of their own", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    const channel = b.messaging.channel("news");
    const readers = [channel.messages(), channel.messages(), b.messaging.channel("news").messages()];
    for (let i = 0; i < 3; i++) await a.messaging.channel("news").publish(i);
    await pool.settle();
    b.lifecycle.end(null);
    for (const reader of readers) assert.deepEqual(await drain(reader), [0, 1, 2]);
  });

  it("that wait get the next message at once", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    const reader = b.messaging.channel("news").messages();
    const waiting = [reader.next(), reader.next()];
    await a.messaging.channel("news").publish("one");
    await a.messaging.channel("news").publish("two");
    await pool.settle();
    const results = await Promise.all(waiting);
    assert.deepEqual(
      results.map(({ value }) => value?.value),
      ["one", "two"],
    );
  });

  it("that fall behind lose the oldest, which is counted", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    const slow = b.messaging.channel("news").messages({ queueMax: 4 });
    const patient = b.messaging.channel("news").messages();
    for (let i = 0; i < 1030; i++) await a.messaging.channel("news").publish(i);
    await pool.settle();
    b.lifecycle.end(null);
    assert.deepEqual(await drain(slow), [1026, 1027, 1028, 1029]);
    const kept = await drain(patient);
    assert.deepEqual([kept.length, kept[0], kept.at(-1)], [1024, 6, 1029]);
    assert.equal(b.messaging.counters.messagesDropped, 1026 + 6);
  });

  it("leave nothing behind: once the last has left, messages are not even decoded", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    let decoded = 0;
    const codec = {
      encode: (value: number) => Uint8Array.of(value),
      decode: (bytes: Uint8Array) => {
        decoded++;
        return bytes[0] ?? 0;
      },
    };
    const channel = b.messaging.channel("news", { codec });
    const stop = channel.on(() => {});
    const loop = (async () => {
      for await (const _ of channel) break;
    })();
    await a.messaging.channel("news", { codec }).publish(1);
    await pool.settle();
    await loop;
    stop();
    await a.messaging.channel("news", { codec }).publish(2);
    await pool.settle();
    assert.equal(decoded, 1);
    channel.on(() => {});
    await a.messaging.channel("news", { codec }).publish(3);
    await pool.settle();
    assert.equal(decoded, 2);
  });

  it("end when their signal is aborted, at once if it is already", async () => {
    const pool = new FakePool();
    const channel = pool.node("a").messaging.channel("news");
    const controller = new AbortController();
    const reading = drain(channel.messages({ signal: controller.signal }));
    controller.abort();
    assert.deepEqual(await reading, []);
    assert.deepEqual(await drain(channel.messages({ signal: controller.signal })), []);
  });

  it("throw the reason once, after what waited, if the cluster fails", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    const behind = b.messaging.channel("news").messages();
    const waiting = b.messaging.channel("other").messages().next();
    const failure = new HearsayError("ERR_TRANSPORT", "sockets gone", { detail: "" });
    await a.messaging.channel("news").publish("last words");
    await pool.settle();
    b.lifecycle.end(failure);
    await assert.rejects(waiting, failure);
    assert.equal((await behind.next()).value?.value, "last words");
    await assert.rejects(behind.next(), failure);
    assert.deepEqual(await behind.next(), { done: true, value: undefined });
  });

  it("that are handlers may throw or reject without harm to the others", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    const heard: unknown[] = [];
    const channel = b.messaging.channel("news");
    channel.on(() => {
      throw new Error("broken");
    });
    channel.on(() => Promise.reject(new Error("broken later")));
    channel.on(({ value }) => heard.push(value));
    await a.messaging.channel("news").publish(1);
    await pool.settle();
    assert.deepEqual(heard, [1]);
    assert.equal(b.messaging.counters.handlersFailed, 2);
    assert.equal(b.warnings.length, 2);
  });

  it("hear nothing of a message that the codec refuses, which is passed on all the same", async () => {
    const pool = new FakePool();
    const [a, b] = [pool.node("a"), pool.node("b")];
    const heard: unknown[] = [];
    b.messaging.channel("news").on(({ value }) => heard.push(value));
    await a.messaging.channel("news", { codec: bytesCodec }).publish(Uint8Array.of(0x7b));
    await a.messaging.channel("news", { codec: bytesCodec }).publish(Uint8Array.of(0x22, 0xff, 0x22));
    await pool.settle();
    assert.deepEqual(heard, []);
    assert.equal(b.messaging.counters.payloadsUnreadable, 2);
    assert.equal(b.broadcasts.length, 2);
  });
});

describe("a channel refuses", () => {
  it("to publish where extensions are off", () => {
    const off = new FakePool().node("off", false);
    assert.throws(() => off.messaging.channel("news"), { code: "ERR_EXTENSIONS_OFF" });
  });

  it("everything once the cluster has ended, with the reason if it failed", async () => {
    const pool = new FakePool();
    const [closed, failed] = [pool.node("closed"), pool.node("failed")];
    const channels = [closed.messaging.channel("news"), failed.messaging.channel("news")] as const;
    const failure = new HearsayError("ERR_TRANSPORT", "sockets gone", { detail: "" });
    closed.lifecycle.end(null);
    failed.lifecycle.end(failure);
    await assert.rejects(channels[0].publish(1), { code: "ERR_CLOSED", data: { status: "closed" } });
    await assert.rejects(channels[1].publish(1), { code: "ERR_CLOSED", cause: failure });
    assert.throws(() => channels[0].on(() => {}), { code: "ERR_CLOSED" });
    assert.throws(() => channels[0].messages(), { code: "ERR_CLOSED" });
  });

  it("to publish under an aborted signal, and gives the signal's reason", async () => {
    const channel = new FakePool().node("a").messaging.channel("news");
    await assert.rejects(channel.publish(1, { signal: AbortSignal.abort("why") }), {
      code: "ERR_ABORTED",
      cause: "why",
    });
  });

  it("names and options that cannot be", async () => {
    const { messaging } = new FakePool().node("a");
    for (const name of ["", "x".repeat(256), "é".repeat(128), "\ud800", "\udc80"]) {
      assert.throws(() => messaging.channel(name), { code: "ERR_CONFIG" }, JSON.stringify(name));
    }
    const channel = messaging.channel("x".repeat(255));
    for (const queueMax of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => channel.messages({ queueMax }), { code: "ERR_CONFIG" });
    }
    const urgency = JSON.parse('"toString"');
    await assert.rejects(channel.publish(1, { urgency }), { code: "ERR_CONFIG" });
  });
});
