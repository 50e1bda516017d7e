import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Address, addressFromText } from "@hearsay/core";
import {
  STREAMS_BYTES_MAX,
  STREAMS_OPEN_MAX,
  STREAMS_WAITING_MAX,
  StreamQueue,
  type Withdraw,
} from "../../dist/node/stream-queue.js";

interface Sending {
  readonly to: string;
  readonly message: Uint8Array;
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/** A queue whose streams last until the test ends them, or until they are cut. */
class Streams {
  readonly sending: Sending[] = [];
  readonly queue = new StreamQueue((to, message, signal) => {
    return new Promise((resolve) => {
      const end = (): void => {
        this.sending.splice(this.sending.indexOf(sending), 1);
        resolve();
      };
      const sending: Sending = { to: to.key, message, signal, end };
      this.sending.push(sending);
      signal.addEventListener("abort", end, { once: true });
    });
  });

  add(to: Address, count = 1, bytes = 1): (Withdraw | null)[] {
    return Array.from({ length: count }, () => this.queue.add(to, new Uint8Array(bytes)));
  }

  openTo(to: Address): number {
    return this.sending.filter((sending) => sending.to === to.key).length;
  }

  /** Ends the oldest stream, and lets follow what follows. */
  async endOne(): Promise<void> {
    (this.sending[0] ?? assert.fail("no stream is open")).end();
    await settled();
  }
}

/** Lets all promises that can go on do so. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function peer(index: number): Address {
  return addressFromText(`10.0.${index >> 8}.${index & 255}`, 7946) ?? assert.fail();
}

const [A, B, C] = [peer(1), peer(2), peer(3)];

describe("messages without an answer", () => {
  it("to one peer open half of the streams, and the rest of them wait in order", async () => {
    const streams = new Streams();
    for (let i = 0; i < STREAMS_OPEN_MAX; i++) streams.queue.add(A, Uint8Array.of(i));
    assert.equal(streams.queue.open, STREAMS_OPEN_MAX / 2);
    assert.equal(streams.queue.waiting, STREAMS_OPEN_MAX / 2);
    await streams.endOne();
    assert.deepEqual(streams.sending.at(-1)?.message, Uint8Array.of(STREAMS_OPEN_MAX / 2));
    while (streams.sending.length > 0) await streams.endOne();
    assert.deepEqual([streams.queue.open, streams.queue.waiting, streams.queue.bytes], [0, 0, 0]);
    assert.equal(streams.queue.dropped, 0);
  });

  it("overtake those that wait for a peer that hangs", () => {
    const streams = new Streams();
    streams.add(A, 500);
    streams.add(B);
    assert.equal(streams.openTo(B), 1);
  });

  it("find a stream though many peers hang, one after the other", async () => {
    const streams = new Streams();
    for (let i = 10; i < 60; i++) streams.add(peer(i), 30);
    // Those that came first gave way as their streams timed out.
    for (let round = 0; round < 200; round++) await streams.endOne();
    streams.add(B);
    await settled();
    const most = Math.max(...Array.from({ length: 50 }, (_, i) => streams.openTo(peer(i + 10))));
    assert.ok(most <= 4, `one peer has ${most} streams`);
    assert.equal(streams.openTo(B), 1);
  });

  it("take turns among peers that wait", async () => {
    const streams = new Streams();
    streams.add(A, STREAMS_OPEN_MAX);
    streams.add(B, STREAMS_OPEN_MAX);
    streams.add(C, STREAMS_OPEN_MAX);
    for (let i = 0; i < 3 * STREAMS_OPEN_MAX && streams.queue.waiting > 0; i++) {
      await streams.endOne();
      if (i < STREAMS_OPEN_MAX) continue;
      // Past the start, nobody has less than a fair share.
      const open = [A, B, C].map((to) => streams.openTo(to));
      if (streams.queue.waiting > STREAMS_OPEN_MAX) assert.ok(Math.min(...open) >= STREAMS_OPEN_MAX / 8, `${open}`);
    }
    assert.equal(streams.queue.waiting, 0);
  });

  it("are dropped and counted when too many wait, those to one peer before those to others", () => {
    const streams = new Streams();
    const taken = streams.add(A, STREAMS_WAITING_MAX).filter((withdraw) => withdraw !== null).length;
    assert.equal(taken, STREAMS_OPEN_MAX / 2 + STREAMS_WAITING_MAX / 2);
    assert.equal(streams.queue.dropped, STREAMS_WAITING_MAX - taken);
    assert.ok(streams.add(B, 100).every((withdraw) => withdraw !== null));
    for (let i = 10; i < 400; i++) streams.add(peer(i), 100);
    assert.ok(streams.queue.waiting <= STREAMS_WAITING_MAX && streams.queue.open <= STREAMS_OPEN_MAX);
  });

  it("are dropped and counted when they are too many bytes, those to one peer before those to others", () => {
    const streams = new Streams();
    const mib = 1024 * 1024;
    const toA = streams.add(A, 100, 8 * mib).filter((withdraw) => withdraw !== null).length;
    assert.ok(toA * 8 * mib >= STREAMS_BYTES_MAX / 2 - 8 * mib && toA * 8 * mib <= STREAMS_BYTES_MAX / 2 + 8 * mib);
    assert.equal(streams.queue.dropped, 100 - toA);
    assert.ok(streams.add(B, 1, 12 * mib)[0] !== null, "the longest message finds room");
    for (let i = 10; i < 40; i++) streams.add(peer(i), 1, 12 * mib);
    assert.ok(streams.queue.bytes <= STREAMS_BYTES_MAX);
  });

  it("that are withdrawn while they wait are never sent, and leave their place and their bytes", async () => {
    const streams = new Streams();
    streams.add(A, STREAMS_OPEN_MAX / 2);
    const waiting = streams.add(A, STREAMS_WAITING_MAX / 2, 1000);
    assert.ok(streams.add(A)[0] === null);
    for (const withdraw of waiting) withdraw?.();
    assert.deepEqual([streams.queue.waiting, streams.queue.bytes], [0, STREAMS_OPEN_MAX / 2]);
    assert.ok(streams.add(A)[0] !== null);
    while (streams.sending.length > 0) {
      assert.equal(streams.sending[0]?.message.length, 1);
      await streams.endOne();
    }
    assert.deepEqual([streams.queue.open, streams.queue.bytes], [0, 0]);
  });

  it("that are withdrawn while they are sent give their stream to the next", async () => {
    const streams = new Streams();
    const [first] = streams.add(A, STREAMS_OPEN_MAX / 2);
    streams.queue.add(A, Uint8Array.of(1, 2, 3));
    const signal = streams.sending[0]?.signal;
    first?.();
    assert.ok(signal?.aborted);
    await settled();
    assert.deepEqual(streams.sending.at(-1)?.message, Uint8Array.of(1, 2, 3));
    assert.deepEqual([streams.queue.open, streams.queue.waiting], [STREAMS_OPEN_MAX / 2, 0]);
    // Once more is once too often, and does nothing.
    first?.();
    await settled();
    assert.equal(streams.queue.open, STREAMS_OPEN_MAX / 2);
  });

  it("all end when the queue stops, and none is taken after", async () => {
    const streams = new Streams();
    streams.add(A, STREAMS_OPEN_MAX);
    streams.add(B);
    streams.queue.stop();
    await settled();
    assert.deepEqual([streams.queue.open, streams.queue.waiting, streams.queue.bytes], [0, 0, 0]);
    streams.add(B);
    assert.equal(streams.sending.length, 0);
    assert.equal(streams.queue.dropped, 0);
  });
});
