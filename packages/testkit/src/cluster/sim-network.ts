import { type Address, type ExchangeResult, Sfc32 } from "@hearsay/core";
import { type LinkConditions, PacketModel, type VirtualClock } from "@hearsay/core/virtual";
import type { Observers } from "./observer.ts";
import type { SimNode } from "./sim-node.ts";
import { LAN_LINK } from "./sim-options.ts";
import { StreamCall } from "./stream-call.ts";

/** The network between simulated nodes: knows which node has which address, and carries datagrams and streams. */
export class SimNetwork {
  readonly clock: VirtualClock;
  readonly model: PacketModel;
  readonly #observers: Observers;
  readonly #byAddress = new Map<string, SimNode>();
  // Landed flights are reused, so that a datagram costs one copy of its bytes and no closure.
  readonly #landed: Flight[] = [];

  constructor(clock: VirtualClock, seed: number, conditions: Partial<LinkConditions>, observers: Observers) {
    this.clock = clock;
    this.model = new PacketModel(new Sfc32(seed, 0), { ...LAN_LINK, ...conditions });
    this.#observers = observers;
  }

  /** Binds the node's address to it, and releases its former one. */
  bind(node: SimNode, former: Address | null): void {
    if (former !== null && this.#byAddress.get(former.key) === node) this.#byAddress.delete(former.key);
    this.#byAddress.set(node.address.key, node);
  }

  /** The node with this address, running or not. */
  at(address: Address): SimNode | undefined {
    return this.#byAddress.get(address.key);
  }

  /** Whether no stream can be opened, since one of the two directions is cut. */
  isCut(from: Address, to: Address): boolean {
    return this.model.isCut(from.key, to.key) || this.model.isCut(to.key, from.key);
  }

  datagram(from: SimNode, to: Address, bytes: Uint8Array): void {
    for (const observer of this.#observers.datagram) observer.datagram?.(from, to, bytes);
    const delays = this.model.deliveries(from.address.key, to.key, bytes.length);
    if (delays.length === 0) return;
    const copy = bytes.slice();
    for (const delay of delays) {
      const flight = this.#landed.pop() ?? new Flight(this);
      flight.load(from.address, to, copy);
      this.clock.at(this.clock.now() + delay, flight.land);
    }
  }

  /**
   * Sends a request over a stream. Calls `done` exactly once, unless the node is down by then or has cancelled the
   * exchange with the returned function.
   */
  exchange(
    from: SimNode,
    to: Address,
    request: Uint8Array,
    deadline: number,
    done: (result: ExchangeResult) => void,
  ): () => void {
    const call = new StreamCall(this, from, to, request, deadline, done);
    call.connect();
    return () => call.cancel();
  }

  deliver(flight: Flight): void {
    const { from, to, bytes } = flight;
    flight.load(null, null, null);
    this.#landed.push(flight);
    if (from !== null && to !== null && bytes !== null) this.#byAddress.get(to.key)?.receive(from, bytes);
  }
}

/** One datagram in flight. */
class Flight {
  from: Address | null = null;
  to: Address | null = null;
  bytes: Uint8Array | null = null;
  readonly land: () => void;

  constructor(network: SimNetwork) {
    this.land = () => network.deliver(this);
  }

  load(from: Address | null, to: Address | null, bytes: Uint8Array | null): void {
    this.from = from;
    this.to = to;
    this.bytes = bytes;
  }
}
