import assert from "node:assert/strict";
import type { Address } from "@hearsay/core";
import { TransportError } from "../transport/transport.ts";
import {
  accepted,
  type Bench,
  Ear,
  Ears,
  openBench,
  openStream,
  TIMEOUT,
  type TransportPair,
} from "./transport-bench.ts";

/** `describe` and `it` of `node:test`, or of a test framework with the same signatures. */
export interface TestFunctions {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
  /** How long each fact may wait for something to arrive. @defaultValue 5000 */
  readonly waitMs?: number;
}

/**
 * Tests that a transport fulfils the interface `Transport`, with one test per fact. `name` names the transport in the
 * report.
 */
export function transportContract(
  name: string,
  open: () => Promise<TransportPair> | TransportPair,
  { describe, it, waitMs = 5000 }: TestFunctions,
): void {
  const fact = (text: string, body: (bench: Bench) => Promise<void>) =>
    it(text, async () => {
      const bench = await openBench(await open(), waitMs);
      try {
        await body(bench);
      } finally {
        await bench.close();
      }
    });
  describe(`${name} keeps the transport contract: datagrams`, () => datagramFacts(fact));
  describe(`${name} keeps the transport contract: streams`, () => {
    streamFacts(fact);
    connectFacts(fact);
  });
  describe(`${name} keeps the transport contract: opening and closing`, () => closingFacts(fact));
}

type Fact = (text: string, body: (bench: Bench) => Promise<void>) => unknown;

function datagramFacts(fact: Fact): void {
  fact("a datagram arrives whole, with its source's address", async ({ a, b }) => {
    const sizes = [1, 100, 1400, 8000];
    for (const [index, size] of sizes.entries()) {
      a.transport.send(b.address, pattern(size));
      const { from, bytes } = await b.datagramNumber(index);
      assert.deepEqual(bytes, pattern(size));
      assert.equal(from.key, a.address.key);
    }
  });

  fact("the bytes may be overwritten as soon as send has returned", async ({ a, b }) => {
    const borrowed = new Uint8Array(500);
    for (let i = 0; i < 20; i++) {
      borrowed.fill(i);
      a.transport.send(b.address, borrowed);
      borrowed.fill(255);
    }
    await b.datagramNumber(19);
    const seen = b.datagrams.map(({ bytes }) => {
      assert.ok(bytes.every((byte) => byte === bytes[0]));
      return bytes[0] ?? -1;
    });
    assert.deepEqual(
      seen.sort((x, y) => x - y),
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  fact("received bytes stay as they are when more arrives", async ({ a, b }) => {
    a.transport.send(b.address, pattern(300));
    const first = await b.datagramNumber(0);
    a.transport.send(b.address, new Uint8Array(300).fill(9));
    await b.datagramNumber(1);
    assert.deepEqual(first.bytes, pattern(300));
  });

  fact("a datagram that can't be sent is reported, and the next one goes out", async ({ a, b }) => {
    a.transport.send(b.address, new Uint8Array(70_000));
    await a.until("the failure is reported", () => a.sendFailures.length > 0);
    assert.equal(a.sendFailures[0]?.key, b.address.key);
    a.transport.send(b.address, pattern(10));
    assert.equal((await b.datagramNumber(0)).bytes.length, 10);
  });

  fact("no handler runs within send, neither for a failure nor for a datagram to oneself", async ({ a, b }) => {
    const heard = () => [a, b].flatMap(({ datagrams, sendFailures }) => [datagrams.length, sendFailures.length]);
    const trySending = (to: Address, size: number) => {
      const before = heard();
      a.transport.send(to, new Uint8Array(size));
      assert.deepEqual(heard(), before);
    };
    for (const to of [a.address, b.address]) trySending(to, 10);
    trySending(b.address, 70_000);
    await b.datagramNumber(0);
    await a.until("the failure is reported", () => a.sendFailures.length > 0);
  });

  fact("sending to where nobody listens disturbs nothing", async ({ a, b, unused }) => {
    for (let i = 0; i < 5; i++) a.transport.send(unused, pattern(50));
    a.transport.send(b.address, pattern(20));
    await b.datagramNumber(0);
    assert.equal(a.failures.length, 0);
  });
}

function streamFacts(fact: Fact): void {
  fact("a stream carries a mebibyte each way and ends each way by itself", async ({ a, b }) => {
    const { near, far } = await openStream(a, b);
    const size = 1024 * 1024;
    near.connection.write(pattern(size));
    near.connection.end();
    await a.until("the far side has heard the end", () => far.hasEnded);
    assert.deepEqual(far.received(), pattern(size));
    // The near side has ended its direction; the far side can still answer.
    assert.equal(near.hasEnded, false);
    far.connection.write(pattern(size));
    far.connection.end();
    await a.until("both are closed", () => near.isClosed && far.isClosed);
    assert.deepEqual(near.received(), pattern(size));
    assert.deepEqual([near.error, far.error], [null, null]);
  });

  fact("what comes before listen is kept for it", async ({ a, b }) => {
    const connection = await a.transport.connect(b.address, TIMEOUT);
    connection.write(pattern(5000));
    connection.end();
    await a.until("the connection is accepted", () => b.connections.length > 0);
    // Gives the bytes time to arrive: a datagram that was sent later has arrived.
    a.transport.send(b.address, pattern(1));
    await b.datagramNumber(0);
    const far = new Ear(accepted(b));
    await a.until("the far side has heard the end", () => far.hasEnded);
    assert.deepEqual(far.received(), pattern(5000));
    far.connection.end();
  });

  fact("a paused stream delivers nothing until it goes on", async ({ a, b }) => {
    const { near, far } = await openStream(a, b);
    far.connection.pause();
    near.connection.write(pattern(5000));
    a.transport.send(b.address, pattern(1));
    await b.datagramNumber(0);
    assert.equal(far.received().length, 0);
    far.connection.resume();
    await a.until("the far side has heard", () => far.received().length === 5000);
  });
}

function connectFacts(fact: Fact): void {
  fact("the dialled side's remote is the address that was dialled", async ({ a, b }) => {
    const { near, far } = await openStream(a, b);
    assert.equal(near.connection.remote.key, b.address.key);
    assert.equal(far.connection.remote.host, a.address.host);
  });

  fact("a side that gives up is closed, and the other side hears of it", async ({ a, b }) => {
    const { near, far } = await openStream(a, b);
    near.connection.destroy();
    await a.until("both know", () => near.isClosed && (far.hasEnded || far.isClosed));
    near.connection.write(pattern(10));
    near.connection.end();
    near.connection.destroy();
  });

  fact("connecting is refused where nobody listens", async ({ a, unused }) => {
    await rejects(a.transport.connect(unused, TIMEOUT), "refused");
  });

  fact("connecting can be aborted, before and meanwhile", async ({ a, b }) => {
    const reason = new Error("changed my mind");
    const early = a.transport.connect(b.address, { ...TIMEOUT, signal: AbortSignal.abort(reason) });
    assert.equal((await rejects(early, "aborted")).cause, reason);
    const controller = new AbortController();
    const late = a.transport.connect(b.address, { ...TIMEOUT, signal: controller.signal });
    controller.abort(reason);
    assert.equal((await rejects(late, "aborted")).cause, reason);
  });
}

function closingFacts(fact: Fact): void {
  fact("open resolves to an address with a port", async ({ a, b }) => {
    assert.ok(a.address.port > 0 && b.address.port > 0);
    assert.notEqual(a.address.key, b.address.key);
  });

  fact("a port in use can't be bound again", async ({ a, another }) => {
    await assert.rejects(another(a.address.port).open(new Ears()));
  });

  fact("closing gives the port back", async ({ a, b, another }) => {
    await a.transport.close();
    const next = another(a.address.port);
    try {
      const address = await next.open(new Ears());
      assert.equal(address.key, a.address.key);
      next.send(b.address, pattern(40));
      assert.equal((await b.datagramNumber(0)).from.key, a.address.key);
    } finally {
      await next.close();
    }
  });

  fact("nothing is delivered and nothing can be done after close", async ({ a, b, another }) => {
    const { near, far } = await openStream(a, b);
    const events = () => [b.datagrams.length, b.connections.length, b.sendFailures.length, b.failures.length];
    b.transport.send(a.address, new Uint8Array(70_000));
    await b.transport.close();
    assert.ok(far.isClosed);
    const before = events();
    a.transport.send(b.address, pattern(10));
    near.connection.write(pattern(10));
    b.transport.send(a.address, pattern(10));
    await rejects(b.transport.connect(a.address, TIMEOUT), "closed");
    // The arrival of a later message shows that there was enough time.
    const witness = new Ears();
    const other = another(0);
    try {
      const address = await other.open(witness);
      a.transport.send(address, pattern(10));
      await a.until("the witness has heard", () => witness.datagrams.length > 0);
    } finally {
      await other.close();
    }
    assert.deepEqual(events(), before);
    assert.equal(a.datagrams.length, 0);
  });

  fact("closing ends a connect that is under way", async ({ a, b }) => {
    const connecting = a.transport.connect(b.address, TIMEOUT);
    const outcome = connecting.then(
      (connection) => new Ear(connection),
      (error: unknown) => error,
    );
    await a.transport.close();
    const result = await outcome;
    if (result instanceof Ear) await a.until("the connection is closed", () => result.isClosed);
    else assert.ok(result instanceof TransportError && result.code === "closed");
  });

  fact("closing twice is closing once, also before open", async ({ a, another }) => {
    await Promise.all([a.transport.close(), a.transport.close()]);
    await a.transport.close();
    const unopened = another(0);
    await unopened.close();
    await assert.rejects(unopened.open(new Ears()));
  });
}

async function rejects(promise: Promise<unknown>, code: string): Promise<TransportError> {
  const error: unknown = await promise.then(
    () => null,
    (reason) => reason,
  );
  assert.ok(error instanceof TransportError, `rejects with a TransportError, not ${String(error)}`);
  assert.equal(error.code, code);
  return error;
}

/** Bytes that differ by position, so that a shifted or incomplete copy is detected. */
function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}
