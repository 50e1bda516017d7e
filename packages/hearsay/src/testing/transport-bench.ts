import assert from "node:assert/strict";
import type { Address } from "@hearsay/core";
import type { Connection, Transport, TransportHandlers } from "../transport/transport.ts";

/** What the contract needs: two transports that reach each other, not opened yet, and a way to create more. */
export interface TransportPair {
  readonly a: Transport;
  readonly b: Transport;
  /** Creates another one on the same host with that port; 0 for any. */
  another(port: number): Transport;
}

/** Time limit of a connect: far more than it needs. */
export const TIMEOUT: { readonly timeoutMs: number } = { timeoutMs: 5000 };

/** What each fact of the contract works with: two open transports. */
export interface Bench {
  readonly a: Station;
  readonly b: Station;
  /** An address where nothing listens. */
  readonly unused: Address;
  another(port: number): Transport;
  close(): Promise<void>;
}

/** Opens both transports. Each wait may take `waitMs`. */
export async function openBench(pair: TransportPair, waitMs: number): Promise<Bench> {
  const a = await station(pair.a, waitMs);
  const b = await station(pair.b, waitMs);
  const gone = pair.another(0);
  const unused = await gone.open(new Ears());
  await gone.close();
  const close = async () => {
    await Promise.all([a.transport.close(), b.transport.close()]);
    assert.deepEqual([...a.failures, ...b.failures], []);
  };
  return { a, b, unused, another: (port) => pair.another(port), close };
}

/** A stream from `a` to `b`, recorded at both ends. */
export async function openStream(a: Station, b: Station): Promise<{ near: Ear; far: Ear }> {
  const near = new Ear(await a.transport.connect(b.address, TIMEOUT));
  await a.until("the connection is accepted", () => b.connections.length > 0);
  return { near, far: new Ear(accepted(b)) };
}

/** The first connection that a transport has accepted. */
export function accepted(station: Station): Connection {
  const connection = station.connections[0];
  assert.ok(connection, "no connection was accepted");
  return connection;
}

async function station(transport: Transport, waitMs: number): Promise<Station> {
  // `open` needs the handlers before the address is known.
  const relay: { to: Ears } = { to: new Ears() };
  const address = await transport.open({
    datagram: (from, bytes) => relay.to.datagram(from, bytes),
    connection: (connection) => relay.to.connection(connection),
    sendFailed: (to) => relay.to.sendFailed(to),
    failed: (error) => relay.to.failed(error),
  });
  const made = new Station(transport, address, waitMs);
  relay.to = made;
  return made;
}

/** Records everything that a transport reports. */
export class Ears implements TransportHandlers {
  readonly datagrams: { readonly from: Address; readonly bytes: Uint8Array }[] = [];
  readonly connections: Connection[] = [];
  readonly sendFailures: Address[] = [];
  readonly failures: Error[] = [];

  datagram(from: Address, bytes: Uint8Array): void {
    this.datagrams.push({ from, bytes: Uint8Array.from(bytes) });
  }

  connection(connection: Connection): void {
    this.connections.push(connection);
  }

  sendFailed(to: Address): void {
    this.sendFailures.push(to);
  }

  failed(error: Error): void {
    this.failures.push(error);
  }
}

/** An open transport, and everything that it has reported. */
export class Station extends Ears {
  readonly transport: Transport;
  readonly address: Address;
  readonly #waitMs: number;

  constructor(transport: Transport, address: Address, waitMs: number) {
    super();
    this.transport = transport;
    this.address = address;
    this.#waitMs = waitMs;
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    const limit = performance.now() + this.#waitMs;
    while (!isSo()) {
      assert.ok(performance.now() < limit, `waited ${this.#waitMs} ms in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async datagramNumber(index: number): Promise<{ readonly from: Address; readonly bytes: Uint8Array }> {
    await this.until(`${index + 1} datagrams have arrived`, () => this.datagrams.length > index);
    const datagram = this.datagrams[index];
    assert.ok(datagram);
    return datagram;
  }
}

/** Records everything that one side of a stream reports. */
export class Ear {
  readonly connection: Connection;
  readonly chunks: Uint8Array[] = [];
  hasEnded = false;
  isClosed = false;
  error: Error | null = null;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.listen({
      data: (chunk) => {
        assert.ok(!this.hasEnded && !this.isClosed, "data after the end");
        this.chunks.push(chunk);
      },
      end: () => {
        assert.ok(!this.hasEnded && !this.isClosed, "an end after the end");
        this.hasEnded = true;
      },
      closed: (error) => {
        assert.ok(!this.isClosed, "closed twice");
        this.isClosed = true;
        this.error = error;
      },
    });
  }

  received(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.chunks));
  }
}
