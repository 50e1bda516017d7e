import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Address } from "@hearsay/core";
import { transportContract } from "hearsay/testing";
import { MemoryNetwork } from "../../dist/transport/memory-network.js";
import { memoryTransport } from "../../dist/transport/memory-transport.js";
import type { Connection, ConnectOptions, Transport, TransportHandlers } from "../../dist/transport/transport.js";

/** A transport that behaves, as a base for those that don't. */
class Wrapped implements Transport {
  protected readonly inner: Transport;

  constructor(inner: Transport) {
    this.inner = inner;
  }

  open(handlers: TransportHandlers): Promise<Address> {
    return this.inner.open(handlers);
  }

  send(to: Address, bytes: Uint8Array): void {
    this.inner.send(to, bytes);
  }

  connect(to: Address, options: ConnectOptions): Promise<Connection> {
    return this.inner.connect(to, options);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

class TearsDatagrams extends Wrapped {
  override send(to: Address, bytes: Uint8Array): void {
    this.inner.send(to, bytes.subarray(0, 1200));
  }
}

class KeepsBorrowedBytes extends Wrapped {
  override send(to: Address, bytes: Uint8Array): void {
    setImmediate(() => this.inner.send(to, bytes));
  }
}

class IgnoresSignals extends Wrapped {
  override connect(to: Address, { timeoutMs }: ConnectOptions): Promise<Connection> {
    return this.inner.connect(to, { timeoutMs });
  }
}

class KeepsItsPort extends Wrapped {
  override async close(): Promise<void> {}
}

class ClosesOnlyOnce extends Wrapped {
  #isClosed = false;

  override async close(): Promise<void> {
    assert.ok(!this.#isClosed, "closed already");
    this.#isClosed = true;
    await this.inner.close();
  }
}

class ReportsWithinSend extends Wrapped {
  #handlers: TransportHandlers | null = null;

  override open(handlers: TransportHandlers): Promise<Address> {
    this.#handlers = handlers;
    return this.inner.open(handlers);
  }

  override send(to: Address, bytes: Uint8Array): void {
    if (bytes.length > 65_507) this.#handlers?.sendFailed(to, new Error("too large"));
    else this.inner.send(to, bytes);
  }
}

/** Delivers to a transport of the same process by a plain call. */
class DeliversWithinSend extends Wrapped {
  static readonly #opened = new Map<string, { readonly address: Address; readonly handlers: TransportHandlers }>();
  #address: Address | null = null;

  override async open(handlers: TransportHandlers): Promise<Address> {
    const address = await this.inner.open(handlers);
    this.#address = address;
    DeliversWithinSend.#opened.set(address.key, { address, handlers });
    return address;
  }

  override send(to: Address, bytes: Uint8Array): void {
    const target = DeliversWithinSend.#opened.get(to.key);
    if (this.#address === null || bytes.length > 65_507) this.inner.send(to, bytes);
    else target?.handlers.datagram(this.#address, bytes.slice());
  }
}

/** Runs the contract and returns the facts that don't hold. */
async function broken(wrap: (inner: Transport) => Transport): Promise<string[]> {
  const facts: { name: string; body: () => Promise<void> }[] = [];
  const open = () => {
    const network = new MemoryNetwork();
    const another = (port: number) => wrap(memoryTransport(network, "10.0.0.1", port));
    return { a: another(0), b: another(0), another };
  };
  const describeNow = (_name: string, body: () => void) => body();
  const collect = (name: string, body: () => Promise<void>) => facts.push({ name, body });
  transportContract("x", open, { describe: describeNow, it: collect, waitMs: 300 });
  assert.ok(facts.length >= 19, `the contract has only ${facts.length} facts`);
  const failed: string[] = [];
  for (const { name, body } of facts) await body().catch(() => failed.push(name));
  return failed;
}

describe("the transport contract", () => {
  it("holds for a transport that only passes on", async () => {
    assert.deepEqual(await broken((inner) => new Wrapped(inner)), []);
  });

  for (const [name, wrap, fact] of [
    ["torn datagrams", (inner: Transport) => new TearsDatagrams(inner), /arrives whole/],
    ["bytes kept beyond the call", (inner: Transport) => new KeepsBorrowedBytes(inner), /overwritten/],
    ["ignored signals", (inner: Transport) => new IgnoresSignals(inner), /aborted/],
    ["a port that is kept", (inner: Transport) => new KeepsItsPort(inner), /gives the port back/],
    ["failures reported within send", (inner: Transport) => new ReportsWithinSend(inner), /within send/],
    ["datagrams delivered within send", (inner: Transport) => new DeliversWithinSend(inner), /within send/],
    ["a second close that isn't one", (inner: Transport) => new ClosesOnlyOnce(inner), /closing twice/],
  ] as const) {
    it(`notices ${name}`, async () => {
      const failed = await broken(wrap);
      assert.ok(
        failed.some((text) => fact.test(text)),
        `only noticed: ${failed.join("; ")}`,
      );
    });
  }
});
