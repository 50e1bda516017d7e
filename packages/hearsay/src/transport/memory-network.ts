import { type Address, addressFromText } from "@hearsay/core";
import type { PacketModel } from "@hearsay/core/virtual";
import { HearsayError } from "../base/errors.ts";
import type { MemoryConnection } from "./memory-connection.ts";
import { realTime, type Scheduler } from "./scheduler.ts";

/** A bound transport, as the network sees it. */
export interface MemoryEndpoint {
  readonly address: Address;
  datagram(from: Address, bytes: Uint8Array): void;
  /**
   * The accepting side of a new stream, or null if this endpoint is closed. `key` is the dialler's key in the model.
   */
  accept(from: Address, key: string): MemoryConnection | null;
  connection(accepted: MemoryConnection): void;
  crash(): void;
}

/** How a memory network keeps time and treats packets. */
export interface MemoryNetworkOptions {
  /** @defaultValue real time */
  readonly scheduler?: Scheduler;
  /**
   * Latency, loss, partitions; its endpoints are address keys, such as `10.0.0.1:7946`. @defaultValue a perfect link
   */
  readonly model?: PacketModel;
}

const FIRST_FREE_PORT = 40_000;
const PORT_MAX = 65_535;

/**
 * A network inside one process, for tests and for programs that run several nodes.
 *
 * With a virtual clock as scheduler, things happen only when that clock is moved. Promises of the transports settle
 * within those moves, so let microtasks run between two steps.
 */
export class MemoryNetwork {
  readonly model: PacketModel | null;
  readonly #scheduler: Scheduler;
  readonly #endpoints = new Map<string, MemoryEndpoint>();
  #lastPort = FIRST_FREE_PORT - 1;

  constructor(options: MemoryNetworkOptions = {}) {
    this.model = options.model ?? null;
    this.#scheduler = options.scheduler ?? realTime();
  }

  now(): number {
    return this.#scheduler.now();
  }

  /** Runs a function at a time; returns a function that cancels it. */
  at(timeMs: number, run: () => void): () => void {
    const timer = this.#scheduler.at(timeMs, run);
    return () => this.#scheduler.cancel?.(timer);
  }

  /** Runs a function as soon as the current call is over. */
  soon(run: () => void): void {
    this.#scheduler.at(this.#scheduler.now(), run);
  }

  /**
   * Ends a node like a kill: none of its handlers runs any more, its port is free, and its peers see their connections
   * reset. To simulate a machine that vanishes silently, cut it off in the model first.
   */
  crash(key: string): void {
    this.#endpoints.get(key)?.crash();
  }

  endpoint(key: string): MemoryEndpoint | undefined {
    return this.#endpoints.get(key);
  }

  /** A free address on a host; with that port if it isn't 0. */
  reserve(host: string, port: number): Address {
    const address = port === 0 ? this.#freeAddress(host) : addressFromText(host, port);
    if (address === null || this.#endpoints.has(address.key)) {
      const problem = address === null ? "that is no IP address" : "somebody has that port";
      throw new HearsayError("ERR_BIND", `cannot bind ${host} port ${port}: ${problem}`, { host, port });
    }
    return address;
  }

  /** An address with a free port, as the local end of a stream. */
  ephemeral(host: string): Address | null {
    return this.#freeAddress(host);
  }

  bind(endpoint: MemoryEndpoint): void {
    this.#endpoints.set(endpoint.address.key, endpoint);
  }

  unbind(endpoint: MemoryEndpoint): void {
    if (this.#endpoints.get(endpoint.address.key) === endpoint) this.#endpoints.delete(endpoint.address.key);
  }

  #freeAddress(host: string): Address | null {
    for (let tries = FIRST_FREE_PORT; tries <= PORT_MAX; tries++) {
      this.#lastPort = this.#lastPort === PORT_MAX ? FIRST_FREE_PORT : this.#lastPort + 1;
      const address = addressFromText(host, this.#lastPort);
      if (address === null || !this.#endpoints.has(address.key)) return address;
    }
    return null;
  }
}
