import { type Address, addressFromText, below, Sfc32, type SwimConfig, type SwimOptions } from "@hearsay/core";
import type { MemberRecord } from "@hearsay/core/internal";
import { VirtualClock } from "@hearsay/core/virtual";
import { PacketCodec, wireOptions } from "@hearsay/core/wire";
import { Discovery } from "./discovery.ts";
import { NodeRandom } from "./node-random.ts";
import { type FaultKind, Observers, type SimObserver } from "./observer.ts";
import { RecordShare } from "./record-share.ts";
import { SimNetwork } from "./sim-network.ts";
import { SimNode } from "./sim-node.ts";
import { CAPABLE_META, type SimClusterOptions, simConfig } from "./sim-options.ts";

/** Number of others through which a node joins. */
const SEEDS = 3;
const EMPTY = new Uint8Array(0);
/** The nodes' protocol versions: 1 to 5, speaking 2, no delegate. */
const VERSIONS = Uint8Array.of(1, 5, 2, 0, 0, 0);

/**
 * Many nodes on one virtual clock and one virtual network. They run the production code; only sockets, timers and
 * randomness are simulated. A seed determines a history: the same options and the same calls give the same packets at
 * the same times.
 */
export class SimCluster {
  readonly options: SimClusterOptions;
  readonly config: SwimConfig;
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: SimNetwork;
  readonly nodes: readonly SimNode[];
  readonly #observers = new Observers();
  readonly #records = new RecordShare();
  // Calls of nodes run to completion and what they send is copied, so one codec serves all of them.
  readonly #packets = new PacketCodec(wireOptions({ compression: false }));
  readonly #random: Sfc32;
  readonly #randoms: NodeRandom[] = [];
  #lastHost = 0;

  constructor(options: SimClusterOptions) {
    this.options = options;
    this.config = simConfig(options);
    this.#random = new Sfc32(options.seed, -1);
    this.network = new SimNetwork(this.clock, options.seed, options.network ?? {}, this.#observers);
    const parts = {
      clock: this.clock,
      network: this.network,
      observers: this.#observers,
      config: this.config,
      options: (node: SimNode) => this.#swimOptions(node),
    };
    this.nodes = Array.from({ length: options.nodes }, (_, index) => new SimNode(index, this.newAddress(), parts));
    this.#observers.add({ event: (node, event) => event.type === "leave-finished" && this.#exit(node) });
    if (options.discovery !== false) this.#observers.add(new Discovery(this));
    const known = options.views === "alone" ? [] : this.#allRecords();
    for (const node of this.nodes) this.#start(node, known, node.address);
  }

  get now(): number {
    return this.clock.now();
  }

  node(index: number): SimNode {
    const node = this.nodes[index];
    if (node === undefined) throw new RangeError(`there is no node ${index}`);
    return node;
  }

  /** An address that no node has had. */
  newAddress(): Address {
    const host = ++this.#lastHost;
    const address = addressFromText(`10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`, 7946);
    if (address === null) throw new RangeError("out of addresses");
    return address;
  }

  observe(observer: SimObserver): void {
    this.#observers.add(observer);
  }

  unobserve(observer: SimObserver): void {
    this.#observers.remove(observer);
  }

  /** Advances time by `ms`. */
  run(ms: number): void {
    this.clock.runUntil(this.now + ms);
  }

  /** Advances time until the condition holds, checked every `stepMs`. False if it doesn't within `limitMs`. */
  runUntil(holds: () => boolean, limitMs: number, stepMs = 1000): boolean {
    const end = this.now + limitMs;
    while (!holds()) {
      if (this.now >= end) return false;
      this.run(Math.min(stepMs, end - this.now));
    }
    return true;
  }

  /** Runs event by event until the condition holds, for exact times. False if it doesn't within `limitMs`. */
  runExactly(holds: () => boolean, limitMs: number): boolean {
    const end = this.now + limitMs;
    while (!holds()) if (this.clock.nextAt() > end || !this.clock.runNext()) return false;
    return true;
  }

  /** Joins every node through the first few, within a second. */
  joinAll(): void {
    for (const node of this.nodes) {
      if (node.index > 0) this.clock.at(this.now + below(this.#random, 1000), () => this.join(node));
    }
  }

  /** Joins a node through the first few others that are up; a paused node joins when it resumes. */
  join(node: SimNode): void {
    const seeds = this.nodes.filter((other) => other !== node && other.isUp).slice(0, SEEDS);
    if (seeds.length > 0) node.join(seeds.map(({ address }) => address));
  }

  /** Ends the process at once; with `host`, its host no longer refuses streams but is silent. */
  crash(node: SimNode, what: "process" | "host" = "host"): void {
    if (!node.isUp) return;
    node.stop(what === "host" ? "host-down" : "down");
    this.#tell("crashed", node);
  }

  /** Starts a node that is down, without any state of its earlier life; it joins through the others. */
  restart(node: SimNode, address: Address = node.address): void {
    if (node.isUp) return;
    this.#start(node, [], address);
    this.#tell("started", node);
    this.join(node);
  }

  pause(node: SimNode): void {
    node.pause();
    this.#tell("paused", node);
  }

  resume(node: SimNode): void {
    node.resume();
    this.#tell("resumed", node);
  }

  /** Makes a node leave. Its process ends once the departure has been gossiped. */
  leave(node: SimNode): void {
    if (!node.isRunning) return;
    this.#tell("left", node);
    node.leave();
  }

  /** Splits the network; nodes in no group form one more. */
  partition(groups: readonly (readonly SimNode[])[]): void {
    this.network.model.partition(groups.map((group) => group.map(({ address }) => address.key)));
    this.#tell("network", null);
  }

  /** Cuts the path from one node to another; the reverse path stays. */
  cut(from: SimNode, to: SimNode): void {
    this.network.model.cut(from.address.key, to.address.key);
    this.#tell("network", null);
  }

  /** Removes all partitions and cuts. */
  heal(): void {
    this.network.model.heal();
    this.#tell("network", null);
  }

  /** The node has left; its process ends as soon as the call that reports this is complete. */
  #exit(node: SimNode): void {
    const { life } = node;
    this.clock.at(this.now, () => {
      if (node.life === life) this.crash(node, "process");
    });
  }

  #tell(kind: FaultKind, node: SimNode | null): void {
    for (const observer of this.#observers.fault) observer.fault?.(kind, node);
  }

  #start(node: SimNode, known: readonly MemberRecord[], address: Address): void {
    node.start((swim) => {
      if (known.length > 0) swim.adopt(this.now, known);
      this.#hold(node, this.options.phases === "together");
    }, address);
    this.#hold(node, false);
  }

  #hold(node: SimNode, isHeld: boolean): void {
    const random = this.#randoms[node.index];
    if (random !== undefined) random.isHeld = isHeld;
  }

  #swimOptions(node: SimNode): SwimOptions {
    const { seed, rules, streamPings, layers, isCapable } = this.options;
    const random = new NodeRandom(seed, node.index, node.life);
    this.#randoms[node.index] = random;
    return {
      name: node.name,
      address: node.address,
      config: this.config,
      packets: this.#packets,
      random,
      rules: isCapable?.(node.index) === false ? "memberlist" : (rules ?? "hearsay"),
      streamPings: streamPings ?? true,
      layers: layers?.(node.index) ?? [],
      makeRecord: this.#records.make,
      meta: this.#metaOf(node.index),
      ...(isCapable === undefined ? {} : { hooks: { understandsExtensions: (meta) => meta.length > 0 } }),
    };
  }

  #metaOf(index: number): Uint8Array {
    return this.options.isCapable?.(index) ? CAPABLE_META : EMPTY;
  }

  #allRecords(): MemberRecord[] {
    const { isCapable = (): boolean => true } = this.options;
    return this.nodes.map(({ index, name, address }) =>
      this.#records.make(name, address, this.#metaOf(index), VERSIONS, isCapable(index)),
    );
  }
}
