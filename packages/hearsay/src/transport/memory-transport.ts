import type { Address } from "@hearsay/core";
import { MemoryConnection } from "./memory-connection.ts";
import type { MemoryEndpoint, MemoryNetwork } from "./memory-network.ts";
import {
  type Connection,
  type ConnectOptions,
  DATAGRAM_BYTES_MAX,
  type Transport,
  TransportError,
  type TransportHandlers,
} from "./transport.ts";

/** A transport on a {@link MemoryNetwork}. `host` is an IP literal; port 0 takes a free port. */
export function memoryTransport(network: MemoryNetwork, host: string, port = 0): Transport {
  return new MemoryTransport(network, host, port);
}

class MemoryTransport implements Transport {
  readonly #network: MemoryNetwork;
  readonly #host: string;
  readonly #port: number;
  readonly #connections = new Set<MemoryConnection>();
  /** Functions that fail each running `connect`. */
  readonly #connecting = new Set<(error: TransportError) => void>();
  #endpoint: MemoryEndpoint | null = null;
  #handlers: TransportHandlers | null = null;
  #isUsed = false;
  #closing: Promise<void> | null = null;

  constructor(network: MemoryNetwork, host: string, port: number) {
    this.#network = network;
    this.#host = host;
    this.#port = port;
  }

  async open(handlers: TransportHandlers): Promise<Address> {
    if (this.#isUsed || this.#closing !== null) {
      throw new TransportError("closed", "a transport can be opened only once");
    }
    this.#isUsed = true;
    const address = this.#network.reserve(this.#host, this.#port);
    this.#handlers = handlers;
    this.#endpoint = {
      address,
      datagram: (from, bytes) => this.#handlers?.datagram(from, bytes),
      accept: (from, key) => this.#accept(from, key),
      connection: (accepted) => this.#handlers?.connection(accepted),
      crash: () => this.#crash(),
    };
    this.#network.bind(this.#endpoint);
    return address;
  }

  send(to: Address, bytes: Uint8Array): void {
    const endpoint = this.#endpoint;
    if (endpoint === null) return;
    if (bytes.length > DATAGRAM_BYTES_MAX) {
      const error = new TransportError("too-large", `a datagram can't carry ${bytes.length} bytes`);
      this.#network.soon(() => this.#handlers?.sendFailed(to, error));
      return;
    }
    const model = this.#network.model;
    const now = this.#network.now();
    if (model === null) {
      this.#deliver(now, to, bytes);
      return;
    }
    for (const delay of model.deliveries(endpoint.address.key, to.key, bytes.length)) {
      this.#deliver(now + delay, to, bytes);
    }
  }

  connect(to: Address, options: ConnectOptions): Promise<Connection> {
    const { timeoutMs, signal } = options;
    return new Promise((resolve, reject) => {
      const endpoint = this.#endpoint;
      if (endpoint === null) {
        reject(new TransportError("closed", "the transport is closed"));
        return;
      }
      const aborted = () => new TransportError("aborted", `connecting to ${to.key} was aborted`, signal?.reason);
      if (signal?.aborted) {
        reject(aborted());
        return;
      }
      let isOver = false;
      const settle = () => {
        isOver = true;
        cancelTimeout();
        signal?.removeEventListener("abort", onAbort);
        this.#connecting.delete(fail);
      };
      const fail = (error: TransportError) => {
        if (isOver) return;
        settle();
        reject(error);
      };
      const onAbort = () => fail(aborted());
      const cancelTimeout = this.#network.at(this.#network.now() + timeoutMs, () =>
        fail(new TransportError("timeout", `no answer from ${to.key}`)),
      );
      signal?.addEventListener("abort", onAbort);
      this.#connecting.add(fail);
      this.#dial(endpoint.address, to, (answer) => {
        if (isOver) {
          if (answer instanceof MemoryConnection) answer.destroy();
        } else if (answer instanceof TransportError) fail(answer);
        else {
          settle();
          this.#connections.add(answer);
          resolve(answer);
        }
      });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const endpoint = this.#endpoint;
    if (endpoint === null) return;
    this.#endpoint = null;
    this.#network.unbind(endpoint);
    for (const fail of this.#connecting) fail(new TransportError("closed", "the transport is closed"));
    for (const connection of this.#connections) connection.destroy();
    // The connections notify their owners in the network's time; this promise settles after them.
    await new Promise<void>((resolve) => this.#network.soon(resolve));
    this.#handlers = null;
  }

  #crash(): void {
    const endpoint = this.#endpoint;
    if (endpoint === null) return;
    this.#endpoint = null;
    this.#handlers = null;
    this.#closing = Promise.resolve();
    this.#network.unbind(endpoint);
    for (const fail of this.#connecting) fail(new TransportError("closed", "the node crashed"));
    for (const connection of this.#connections) connection.abandon();
    this.#connections.clear();
  }

  #deliver(atMs: number, to: Address, bytes: Uint8Array): void {
    const from = this.#endpoint?.address;
    if (from === undefined) return;
    const copy = bytes.slice();
    this.#network.at(atMs, () => this.#network.endpoint(to.key)?.datagram(from, copy));
  }

  /** Dials `to` once. The answer takes a round trip; across a cut there is none. */
  #dial(own: Address, to: Address, answered: (answer: MemoryConnection | TransportError) => void): void {
    const network = this.#network;
    const { model } = network;
    const isCut = () => model !== null && (model.isCut(own.key, to.key) || model.isCut(to.key, own.key));
    const later = (from: string, target: string, run: () => void) => {
      if (!isCut()) network.at(network.now() + (model?.streamDelay(from, target) ?? 0), run);
    };
    later(own.key, to.key, () => {
      const near = network.ephemeral(own.host);
      const endpoint = network.endpoint(to.key);
      const accepted = near === null ? null : (endpoint?.accept(near, own.key) ?? null);
      if (accepted === null) {
        const refusal = new TransportError("refused", `${to.key} refuses connections`);
        later(to.key, own.key, () => answered(refusal));
        return;
      }
      const dialled = new MemoryConnection(network, own.key, { address: to, key: to.key }, this.#forget);
      MemoryConnection.join(dialled, accepted);
      endpoint?.connection(accepted);
      later(to.key, own.key, () => answered(dialled));
    });
  }

  #accept(from: Address, key: string): MemoryConnection | null {
    const own = this.#endpoint?.address;
    if (own === undefined) return null;
    const connection = new MemoryConnection(this.#network, own.key, { address: from, key }, this.#forget);
    this.#connections.add(connection);
    return connection;
  }

  readonly #forget = (connection: MemoryConnection): void => {
    this.#connections.delete(connection);
  };
}
