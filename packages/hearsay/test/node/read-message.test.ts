import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressFromText } from "@hearsay/core";
import { MessageEncoder, StreamCodec, wireOptions } from "@hearsay/core/wire";
import { readMessage, SLICE_BYTES } from "../../dist/node/read-message.js";
import { exchangeOverStream } from "../../dist/node/stream-exchange.js";
import { StreamRoom } from "../../dist/node/stream-room.js";
import { Turns } from "../../dist/node/turns.js";
import { MemoryNetwork } from "../../dist/transport/memory-network.js";
import { memoryTransport } from "../../dist/transport/memory-transport.js";
import type { Connection, ConnectionHandlers } from "../../dist/transport/transport.js";

const streams = new StreamCodec(wireOptions({ streamCompressionMinBytes: 0 }));

/** A peer that the test speaks for. */
class Peer implements Connection {
  readonly remote = addressFromText("10.0.0.1", 7946) ?? assert.fail();
  handlers: ConnectionHandlers = { data() {}, end() {}, closed() {} };

  listen(handlers: ConnectionHandlers): void {
    this.handlers = handlers;
  }

  pause(): void {}
  resume(): void {}
  write(): void {}
  end(): void {}
  destroy(): void {}
}

/** Reads what a peer says. Turns come one by one, when the test says so. */
function reading(room: StreamRoom) {
  const turns: (() => void)[] = [];
  const parts = { streams, turns: new Turns((turn) => void turns.push(turn), SLICE_BYTES) };
  const [peer, stop] = [new Peer(), new AbortController()];
  const held: boolean[] = [];
  const watcher = { held: (isHeld: boolean) => void held.push(isHeld), closed() {} };
  const result = readMessage(parts, peer, "accept", room.open("10.0.0.1"), stop.signal, watcher);
  return { peer, turns, held, result };
}

function wrapped(payload: Uint8Array): Uint8Array {
  const wrap = streams.wrap(new MessageEncoder().encodeStreamUser(payload), "connect");
  while (!wrap.step(SLICE_BYTES));
  return wrap.result();
}

describe("a message that is being read", () => {
  it("waits for its peer while something is missing, and for this node while it is decompressed", async () => {
    const bytes = wrapped(new Uint8Array(20 * SLICE_BYTES));
    assert.ok(bytes.length < SLICE_BYTES / 2);
    const { peer, turns, held, result } = reading(new StreamRoom(1 << 26, 4, () => {}));
    peer.handlers.data(bytes.subarray(0, 100));
    assert.equal(held.at(-1), false);
    peer.handlers.data(bytes.subarray(100));
    let slices = 0;
    while (turns.length > 0) {
      assert.equal(held.at(-1), true);
      turns.shift()?.();
      slices++;
    }
    assert.ok(slices > 15, String(slices));
    assert.equal((await result).kind, "message");
  });

  it("waits for this node while there is no room, whether all of it has come or not", () => {
    for (const payload of [new Uint8Array(300_000), Uint8Array.from({ length: 300_000 }, (_, i) => (i * i * i) >> 7)]) {
      const soon: (() => void)[] = [];
      const room = new StreamRoom(1 << 20, 4, (wake) => void soon.push(wake));
      assert.ok(room.open("10.0.0.2").hold(220_000) && room.open("10.0.0.3").hold(500_000));
      const { peer, turns, held } = reading(room);
      const bytes = wrapped(payload);
      for (let at = 0; at < bytes.length && room.waiting === 0; at += SLICE_BYTES) {
        peer.handlers.data(bytes.subarray(at, at + SLICE_BYTES));
        while (turns.length > 0) turns.shift()?.();
      }
      assert.equal(room.waiting, 1);
      assert.equal(held.at(-1), true);
    }
  });

  it("whose connection ends while it waits for room had none, and is no silence of its peer", async () => {
    const room = new StreamRoom(1 << 20, 4, () => {});
    assert.ok(room.open("10.0.0.2").hold(220_000) && room.open("10.0.0.3").hold(500_000));
    const peer = new Peer();
    const soon = (fn: () => void): void => queueMicrotask(fn);
    const clock = { now: () => 0, wallNow: () => 0, after: () => () => {}, soon };
    const inner = memoryTransport(new MemoryNetwork(), "10.0.0.9", 7946);
    const transport = { ...inner, connect: async () => peer };
    const parts = { transport, streams, clock, streamTimeoutMs: 10_000, turns: new Turns(soon, SLICE_BYTES), room };
    const asked = exchangeOverStream(parts, peer.remote, Uint8Array.of(0), 10_000, new AbortController().signal);
    await new Promise((resolve) => setImmediate(resolve));
    const bytes = wrapped(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i * i) >> 7));
    for (let at = 0; at < bytes.length && room.waiting === 0; at += SLICE_BYTES) {
      peer.handlers.data(bytes.subarray(at, at + SLICE_BYTES));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(room.waiting, 1);
    peer.handlers.closed(null);
    assert.deepEqual(await asked, { ok: false, failure: "timeout", detail: "no room for the answer" });
    assert.equal(room.counters.streamsCrowdedOut, 1);
  });
});
