import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressFromText } from "@hearsay/core";
import { encodeMessage, PING, StreamCodec, wireOptions } from "@hearsay/core/wire";
import { serveStream } from "../../dist/node/serve-stream.js";
import type { StreamParts } from "../../dist/node/stream-exchange.js";
import { StreamRoom } from "../../dist/node/stream-room.js";
import { Turns } from "../../dist/node/turns.js";
import { MemoryNetwork } from "../../dist/transport/memory-network.js";
import { memoryTransport } from "../../dist/transport/memory-transport.js";
import type { Connection, ConnectionHandlers } from "../../dist/transport/transport.js";

const LIMIT_MS = 10_000;
const streams = new StreamCodec(wireOptions({}));
const request = encodeMessage({
  type: PING,
  seqNo: 1,
  node: "a",
  sourceAddr: new Uint8Array(0),
  sourcePort: 0,
  sourceNode: "",
});

/** A peer that sends one request; the test says when it closes. */
class Peer implements Connection {
  readonly remote = addressOf("10.0.0.1");
  readonly calls: string[] = [];
  handlers: ConnectionHandlers | null = null;

  listen(handlers: ConnectionHandlers): void {
    this.handlers = handlers;
    handlers.data(wrapped(request));
  }

  pause(): void {}

  resume(): void {}

  write(): void {
    this.calls.push("write");
  }

  end(): void {
    this.calls.push("end");
  }

  destroy(): void {
    this.calls.push("destroy");
    this.handlers?.closed(null);
  }
}

/** Timers that fire when the test says so. */
class Timers {
  readonly pending = new Set<() => void>();

  parts(): StreamParts {
    const clock = {
      now: () => 0,
      wallNow: () => 0,
      after: (_delayMs: number, fn: () => void) => {
        this.pending.add(fn);
        return () => void this.pending.delete(fn);
      },
      soon: (fn: () => void) => void queueMicrotask(fn),
    };
    const transport = memoryTransport(new MemoryNetwork(), "10.0.0.2", 7946);
    const turns = new Turns(clock.soon, 1 << 20);
    const room = new StreamRoom(1 << 20, 4, clock.soon);
    return { transport, streams, clock, streamTimeoutMs: LIMIT_MS, turns, room };
  }

  fireAll(): void {
    for (const fn of [...this.pending]) {
      this.pending.delete(fn);
      fn();
    }
  }
}

describe("an accepted stream", () => {
  it("is answered and ended, and leaves no timer once the peer has closed", async () => {
    const timers = new Timers();
    const peer = new Peer();
    const refusal = await serveStream(timers.parts(), peer, answering(request), new AbortController().signal);
    assert.equal(refusal, null);
    assert.deepEqual(peer.calls, ["write", "end"]);
    peer.handlers?.closed(null);
    assert.equal(timers.pending.size, 0);
  });

  for (const answer of [request, null]) {
    it(`${answer === null ? "without" : "with"} an answer is cut when the peer doesn't close in time`, async () => {
      const timers = new Timers();
      const peer = new Peer();
      await serveStream(timers.parts(), peer, answering(answer), new AbortController().signal);
      assert.equal(timers.pending.size, 1);
      timers.fireAll();
      assert.equal(peer.calls.at(-1), "destroy");
      assert.equal(timers.pending.size, 0);
    });
  }

  it("is cut at once when the node stops, and leaves no timer", async () => {
    const timers = new Timers();
    const peer = new Peer();
    const stop = new AbortController();
    await serveStream(timers.parts(), peer, answering(request), stop.signal);
    stop.abort();
    assert.equal(peer.calls.at(-1), "destroy");
    assert.equal(timers.pending.size, 0);
  });
});

function answering(answer: Uint8Array | null) {
  return { answerTo: async () => answer, stateBytes: () => 0 };
}

function wrapped(message: Uint8Array): Uint8Array {
  const wrap = streams.wrap(message, "connect");
  while (!wrap.step(65_536));
  return wrap.result();
}

function addressOf(host: string) {
  const address = addressFromText(host, 7946);
  assert.ok(address !== null);
  return address;
}
