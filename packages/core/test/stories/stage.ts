import {
  type Address,
  addressFromText,
  type CoreEvent,
  type ExchangeResult,
  resolveConfig,
  Sfc32,
  type SwimConfig,
} from "@hearsay/core";
import { PacketModel, VirtualClock } from "@hearsay/core/virtual";
import { type LineKind, Narrator, type Told } from "./narrator.ts";
import { SEED, StageNode } from "./stage-node.ts";

/** One way between any two nodes. */
const LATENCY_MS = 1;
/** How long a pool has stood when its story begins, so that all that its start set off is over. */
const PRELUDE_MS = 5000;

/** Something that was sent, or decided. */
export interface Line {
  readonly kinds: readonly LineKind[];
  readonly nodes: readonly StageNode[];
  readonly text: string;
}

/** A story's nodes, on virtual time and a virtual network, and a line for all that they send and decide. */
export class Stage {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: PacketModel = new PacketModel(new Sfc32(SEED, 0), { latencyMs: LATENCY_MS });
  readonly nodes = new Map<string, StageNode>();
  /** For nodes that start from now on. */
  config: SwimConfig = configOf({});
  /** What stands on the membership of nodes that start from now on. */
  readonly layers = new Set<string>();
  #lines: Line[] = [];
  readonly narrator: Narrator = new Narrator(this);
  #settings: Partial<SwimConfig> = {};
  #beginsAt = 0;

  /** Milliseconds since the story began, as it tells them. */
  sinceBeginning(now: number): number {
    return Math.round(now - this.#beginsAt);
  }

  set(settings: Partial<SwimConfig>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.config = configOf(this.#settings);
  }

  use(layer: string): void {
    if (layer !== "serf" && layer !== "messaging")
      throw new Error(`${layer} is no layer; there are serf and messaging`);
    this.layers.add(layer);
  }

  /** What has happened since somebody last asked. */
  takeLines(): Line[] {
    return this.#lines.splice(0);
  }

  /** Adds a node that is down. `name` is what it calls itself. */
  add(handle: string, name: string): StageNode {
    if (this.nodes.has(handle)) throw new Error(`there is a node ${handle} already`);
    const address = addressFromText(`10.0.0.${this.nodes.size + 1}`, 7946);
    if (address === null) throw new Error("too many nodes");
    const node = new StageNode(this, this.nodes.size + 1, handle, name, address);
    this.nodes.set(handle, node);
    return node;
  }

  node(handle: string): StageNode {
    const node = this.nodes.get(handle);
    if (node === undefined) throw new Error(`there is no node ${handle}`);
    return node;
  }

  at(address: Address): StageNode | undefined {
    for (const node of this.nodes.values()) if (node.address.key === address.key) return node;
    return undefined;
  }

  /** Starts nodes that have long known each other. The story begins now. */
  startPool(handles: readonly string[]): void {
    if (this.nodes.size > 0) throw new Error("a pool comes before any other node");
    const nodes = handles.map((handle) => this.add(handle, handle));
    for (const node of nodes) node.start(nodes);
    this.clock.runUntil(PRELUDE_MS);
    this.#beginsAt = this.clock.now();
    this.#lines = [];
  }

  /** Lets time pass. */
  run(ms: number): void {
    this.clock.runUntil(this.clock.now() + ms);
  }

  /** Lets time pass until something is so. False if it isn't within `limitMs`. */
  runUntil(isSo: () => boolean, limitMs: number): boolean {
    const end = this.clock.now() + limitMs;
    while (!isSo()) if (this.clock.nextAt() > end || !this.clock.runNext()) return false;
    return true;
  }

  /** All that a node sends and is sent takes so long each way. */
  slow(node: StageNode, latencyMs: number): void {
    for (const other of this.nodes.values()) {
      this.network.setLink(node.address.key, other.address.key, { latencyMs });
      this.network.setLink(other.address.key, node.address.key, { latencyMs });
    }
  }

  /** Takes back all that was done to the network. */
  heal(): void {
    this.network.heal();
    for (const { address: from } of this.nodes.values()) {
      for (const { address: to } of this.nodes.values()) this.network.setLink(from.key, to.key, null);
    }
  }

  /** The name of the node at this address; the address itself if there is none. */
  handleOf(address: Address): string {
    return this.at(address)?.handle ?? address.key;
  }

  datagram(from: StageNode, to: Address, bytes: Uint8Array): void {
    const target = this.at(to);
    const delays = this.network.deliveries(from.address.key, to.key, bytes.length);
    const arrives = delays.length > 0 && target?.isUp === true;
    this.#noteSending(from, "->", to, this.narrator.packet(bytes), arrives);
    const copy = bytes.slice();
    for (const delay of delays) {
      this.clock.at(this.clock.now() + delay, () => target?.receive(from.address, copy));
    }
  }

  /** A stream: a handshake of two ways, the request, the answer. `done` may be called more than once: the first counts. */
  exchange(
    from: StageNode,
    to: Address,
    request: Uint8Array,
    deadline: number,
    done: (result: ExchangeResult) => void,
  ): void {
    const target = this.at(to);
    const isOpen = (): boolean => target?.isUp === true && !this.#isCut(from.address, to);
    this.#noteSending(from, "=>", to, this.narrator.stream(request), isOpen());
    this.clock.at(deadline, () => done({ ok: false, failure: "timeout", detail: "no answer in time" }));
    this.#afterWays([from.address, to, from.address, to], () => {
      if (target === undefined || !isOpen()) return;
      target.accept(from.address, request, (answer) => {
        this.#noteSending(target, "=>", from.address, this.narrator.stream(answer), isOpen());
        const result: ExchangeResult =
          answer === null
            ? { ok: false, failure: "silence", detail: "closed without an answer" }
            : { ok: true, message: answer };
        if (isOpen()) this.#afterWays([to, from.address], () => done(result));
      });
    });
  }

  event(node: StageNode, event: CoreEvent): void {
    this.#note([node], `${node.handle}:`, this.narrator.event(node, event));
    // Whoever has said goodbye ends its process, once the call that says so is complete.
    if (event.type === "leave-finished") this.clock.at(this.clock.now(), () => node.stop());
  }

  #noteSending(from: StageNode, arrow: string, to: Address, { kinds, text }: Told, arrives: boolean): void {
    const target = this.at(to);
    const nodes = target === undefined ? [from] : [from, target];
    this.#note(nodes, `${from.handle} ${arrow} ${this.handleOf(to)}`, {
      kinds,
      text: arrives ? text : `${text} (lost)`,
    });
  }

  #note(nodes: readonly StageNode[], who: string, { kinds, text }: Told): void {
    const atMs = String(this.sinceBeginning(this.clock.now())).padStart(6);
    this.#lines.push({ kinds, nodes, text: `${atMs} ms  ${who.padEnd(6)}  ${text}` });
  }

  #isCut(a: Address, b: Address): boolean {
    return this.network.isCut(a.key, b.key) || this.network.isCut(b.key, a.key);
  }

  #afterWays(stops: readonly Address[], run: () => void): void {
    let delay = 0;
    for (const [i, to] of stops.entries()) {
      const from = stops[i - 1];
      if (from !== undefined) delay += this.network.streamDelay(from.key, to.key);
    }
    this.clock.at(this.clock.now() + delay, run);
  }
}

function configOf(settings: Partial<SwimConfig>): SwimConfig {
  const config = resolveConfig("lan", settings);
  if (!Array.isArray(config)) return config as SwimConfig;
  throw new Error(`not a configuration: ${JSON.stringify(config)}`);
}
