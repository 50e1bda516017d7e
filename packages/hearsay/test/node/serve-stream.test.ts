import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressFromText } from "@hearsay/core";
import { encodeMessage, MessageEncoder, PING, StreamCodec, wireOptions } from "@hearsay/core/wire";
import { type ServedConnection, type Standing, serveStream } from "../../dist/node/serve-stream.js";
import type { StreamParts } from "../../dist/node/stream-exchange.js";
import { StreamRoom, type StreamShare } from "../../dist/node/stream-room.js";
import { Turns } from "../../dist/node/turns.js";
import { MemoryNetwork } from "../../dist/transport/memory-network.js";
import { memoryTransport } from "../../dist/transport/memory-transport.js";
import type { ConnectionHandlers } from "../../dist/transport/transport.js";

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

const NOBODY = { nodes: 0, userStateLen: 0, join: false };
const emptyState = new MessageEncoder().encodePushPull(NOBODY, [], new Uint8Array(0));

/** A peer that sends one request; the test says when it closes. */
class Peer implements ServedConnection {
  readonly remote = addressOf("10.0.0.1");
  readonly calls: string[] = [];
  readonly #request: Uint8Array;
  handlers: ConnectionHandlers | null = null;
  standing: Standing = "heard";

  constructor(message: Uint8Array = request) {
    this.#request = wrapped(message);
  }

  listen(handlers: ConnectionHandlers): void {
    this.handlers = handlers;
    handlers.data(this.#request);
  }

  standAs(standing: Standing): void {
    if (standing === "answering" || this.calls.at(-1) === "answering") this.calls.push(standing);
    this.standing = standing;
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
    assert.deepEqual(peer.calls, ["answering", "held", "answering", "write", "end"]);
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

  it("has its answer sent though the time for its request ends while that is made", async () => {
    const timers = new Timers();
    const parts = timers.parts();
    const peer = new Peer();
    const answerer = answering(request, () => timers.fireAll());
    assert.equal(await serveStream(parts, peer, answerer, new AbortController().signal), null);
    assert.deepEqual(peer.calls, ["answering", "held", "answering", "write", "end"]);
  });

  it("may go while it waits for room, and not while it is answered", async () => {
    const timers = new Timers();
    const parts = timers.parts();
    const [other, single] = crowded(parts);
    const peer = new Peer(emptyState);
    const answerer = {
      answerTo: async () => {
        assert.equal(peer.standing, "answering");
        return null;
      },
      stateBytes: () => 100_000,
    };
    const served = serveStream(parts, peer, answerer, new AbortController().signal);
    await waits(parts);
    assert.equal(peer.standing, "held");
    other.close();
    single.close();
    assert.equal(await served, null);
    assert.equal(peer.standing, "held");
  });

  it("that waits for room when the node stops is counted as nothing", async () => {
    const timers = new Timers();
    const parts = timers.parts();
    crowded(parts);
    for (const message of [emptyState, new MessageEncoder().encodeStreamUser(new Uint8Array(300_000))]) {
      const stop = new AbortController();
      const peer = new Peer(message);
      const served = serveStream(parts, peer, { ...answering(null), stateBytes: () => 300_000 }, stop.signal);
      await waits(parts);
      stop.abort();
      assert.equal(await served, null);
      assert.deepEqual([parts.room.counters.streamsCrowdedOut, parts.room.waiting], [0, 0]);
    }
  });

  it("that lacked room until its time was over is counted, and said to have", async () => {
    const timers = new Timers();
    const parts = timers.parts();
    crowded(parts);
    const peer = new Peer(new MessageEncoder().encodeStreamUser(new Uint8Array(300_000)));
    const refusal = serveStream(parts, peer, answering(null), new AbortController().signal);
    await waits(parts);
    timers.fireAll();
    assert.equal(await refusal, "no-room");
    assert.equal(parts.room.counters.streamsCrowdedOut, 1);
    assert.equal(parts.room.bytes, 720_000);
    assert.deepEqual(peer.calls, ["write", "end"], "it is told");
  });

  it("whose peer is gone by the time of the answer is sent none, and that counts as nothing", async () => {
    const timers = new Timers();
    const parts = timers.parts();
    const peer = new Peer();
    const answerer = answering(request, () => peer.handlers?.closed(null));
    assert.equal(await serveStream(parts, peer, answerer, new AbortController().signal), null);
    assert.deepEqual(peer.calls, ["answering", "held", "answering", "held", "end"]);
    assert.deepEqual([parts.room.bytes, parts.room.counters.streamsCrowdedOut, timers.pending.size], [0, 0, 0]);
  });

  it("whose peer is gone waits for room no longer, whether its request is there or not", async () => {
    for (const [bytes, stateBytes] of [
      [300_000, 0],
      [10, 300_000],
    ] as const) {
      const timers = new Timers();
      const parts = timers.parts();
      crowded(parts);
      const peer = new Peer(bytes === 10 ? emptyState : new MessageEncoder().encodeStreamUser(new Uint8Array(bytes)));
      const answerer = {
        answerTo: async () => assert.fail("nobody is there to be answered"),
        stateBytes: () => stateBytes,
      };
      const served = serveStream(parts, peer, answerer, new AbortController().signal);
      await waits(parts);
      peer.handlers?.closed(null);
      assert.equal(await served, null);
      assert.deepEqual([parts.room.bytes, parts.room.waiting], [720_000, 0]);
      assert.equal(parts.room.counters.streamsCrowdedOut, 0);
    }
  });

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

/** Until a stream waits for room: some microtasks. */
async function waits({ room }: StreamParts): Promise<void> {
  for (let i = 0; i < 1000 && room.waiting === 0; i++) await Promise.resolve();
  assert.equal(room.waiting, 1);
}

/** Has a room in which others hold what is shared, and the half that stands apart. */
function crowded({ room }: StreamParts): [StreamShare, StreamShare] {
  const [other, single] = [room.open("10.0.0.3"), room.open("10.0.0.5")];
  assert.ok(other.hold(220_000) && single.hold(500_000));
  return [other, single];
}

/** Answers each request so; `meanwhile` happens while the answer is made. */
function answering(answer: Uint8Array | null, meanwhile = (): void => {}) {
  return {
    answerTo: async () => {
      meanwhile();
      return answer;
    },
    stateBytes: () => 0,
  };
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
