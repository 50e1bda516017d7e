import { type Random, Sfc32 } from "@hearsay/core";
import { PacketModel } from "@hearsay/core/virtual";
import type { Duration } from "../base/durations.ts";
import { configError, HearsayError } from "../base/errors.ts";
import type {
  AnyCluster,
  Cluster,
  ExtendedMemberlistCluster,
  ExtendedMemberlistOptions,
  HearsayOptions,
  MemberlistCluster,
  MemberlistOptions,
  SerfCluster,
  SerfOptions,
} from "../cluster.ts";
import type { Contract } from "../contract.ts";
import { openCluster } from "../create-cluster.ts";
import type { ClusterOptions } from "../options/cluster-options.ts";
import { MemoryNetwork } from "../transport/memory-network.ts";
import { memoryTransport } from "../transport/memory-transport.ts";
import { gatedTransport } from "./gated-transport.ts";
import { ProcessGate } from "./process-gate.ts";
import { EPOCH_MS, VirtualTime } from "./virtual-time.ts";

/** Options of a node of a test network: all except `transport`, `bind` and `advertise`, which the network sets. */
export type TestNodeOptions<Options = ClusterOptions> = Omit<Options, "transport" | "bind" | "advertise">;

/** Network conditions for everything that is sent. */
export interface TestConditions {
  /** Latency of one direction in milliseconds, 0 to an hour. @defaultValue 1 */
  readonly latencyMs?: number;
  /** Random additional latency, up to this many milliseconds, 0 to an hour. @defaultValue 0 */
  readonly jitterMs?: number;
  /** Datagrams lost, in percent. Streams retransmit instead, which delays them by 200 ms each time. @defaultValue 0 */
  readonly lossPercent?: number;
}

/** How to create a test network. */
export interface TestNetworkOptions<Options = ClusterOptions> extends TestConditions {
  /** Nodes to start with, 0 to 1000: `node-1`, `node-2` and so on. @defaultValue 3 */
  readonly nodes?: number;
  /** The seed of all randomness. The same seed and the same calls give the same history. @defaultValue 1 */
  readonly seed?: number;
  /** Options of every node, also of those added later. Without `join`, nodes join the first three. */
  readonly options?: TestNodeOptions<Options>;
}

/** A node, by its name or as its cluster. If two nodes have the same name, it means the one added last. */
export type NodeRef = string | AnyCluster;

const NODES_MAX = 1000;
const PORT = 7946;
const SEEDS = 3;
const LIMIT: Duration = "60s";

interface TestNode<Node> {
  readonly index: number;
  readonly host: string;
  options: TestNodeOptions;
  gate: ProcessGate;
  cluster: Node;
  lives: number;
}

/**
 * Creates nodes in one process that are connected in memory and run in virtual time: no socket is opened and no real
 * time passes. Resolves once they have started; they find each other as time is advanced.
 *
 * @throws HearsayError `ERR_CONFIG`
 */
export function testNetwork<C extends Contract = Contract>(
  options?: TestNetworkOptions<HearsayOptions>,
): Promise<TestNetwork<Cluster<C>>>;
/** Creates a test network of the flavour `serf`. */
export function testNetwork(
  options: TestNetworkOptions<SerfOptions> & { readonly options: TestNodeOptions<SerfOptions> },
): Promise<TestNetwork<SerfCluster>>;
/** Creates a test network of the flavour `memberlist` with Hearsay's extensions. */
export function testNetwork<C extends Contract = Contract>(
  options: TestNetworkOptions & { readonly options: TestNodeOptions<ExtendedMemberlistOptions> },
): Promise<TestNetwork<ExtendedMemberlistCluster<C>>>;
/** Creates a test network of the flavour `memberlist`. */
export function testNetwork(
  options: TestNetworkOptions & { readonly options: TestNodeOptions<MemberlistOptions> },
): Promise<TestNetwork<MemberlistCluster>>;
/** Creates a test network whose flavour is chosen at run time. */
export function testNetwork(options: TestNetworkOptions): Promise<TestNetwork<AnyCluster>>;
export async function testNetwork(options: TestNetworkOptions = {}): Promise<TestNetwork<AnyCluster>> {
  const { nodes = 3 } = options;
  const network = new TestNetwork<AnyCluster>(options);
  for (let i = 0; i < nodes; i++) await network.add();
  return network;
}

/**
 * A network of clusters in virtual time. Created by `testNetwork`.
 *
 * Time passes only within `advance`, `until`, `run` and `close`; between two steps all promises settle. An operation
 * that takes time never settles if it is awaited directly; pass it to `run`: `await network.run(cluster.leave())`.
 */
export class TestNetwork<Node extends AnyCluster = Cluster> {
  readonly #time = new VirtualTime();
  readonly #model: PacketModel;
  readonly #memory: MemoryNetwork;
  readonly #options: TestNodeOptions;
  readonly #seed: number;
  readonly #seeds: number;
  readonly #hosts = new Map<string, readonly string[]>();
  readonly #nodes: TestNode<Node>[] = [];
  #added = 0;

  /** Internal: use `testNetwork`. */
  constructor({ nodes = 3, seed = 1, options = {}, ...conditions }: TestNetworkOptions) {
    checkWhole("nodes", nodes, 0, NODES_MAX);
    checkWhole("seed", seed, 0, 0xffff_ffff);
    this.#options = options;
    this.#seed = seed;
    this.#seeds = Math.max(1, Math.min(SEEDS, nodes));
    this.#model = new PacketModel(new Sfc32(seed));
    this.#memory = new MemoryNetwork({ scheduler: this.#time.clock, model: this.#model });
    this.setConditions({ latencyMs: 1, ...conditions });
  }

  /**
   * The clusters, in the order in which they were added. A restart replaces a cluster; closed and crashed ones stay.
   */
  get nodes(): readonly Node[] {
    return this.#nodes.map(({ cluster }) => cluster);
  }

  /** Virtual milliseconds since the network was created. */
  get nowMs(): number {
    return this.#time.clock.now();
  }

  /** The nodes' wall clock, in milliseconds since the epoch; it starts at the first instant of 2026. */
  get wallNowMs(): number {
    return EPOCH_MS + this.nowMs;
  }

  /** The cluster with this name. @throws HearsayError `ERR_UNKNOWN_MEMBER` */
  node(name: string): Node {
    return this.#find(name).cluster;
  }

  /** Starts another node. Its name is `node-4` after `node-3`, unless the options set it. */
  async add(options: TestNodeOptions = {}): Promise<Node> {
    if (this.#added === NODES_MAX) {
      throw configError([{ key: "nodes", value: NODES_MAX + 1, allowed: `at most ${NODES_MAX}` }]);
    }
    const index = ++this.#added;
    const host = hostOf(index);
    const whole = { nodeName: `node-${index}`, join: this.#seedTargets(), ...this.#options, ...options };
    const gate = this.#gate();
    const cluster = await this.#open(index, host, whole, gate, 0);
    this.#nodes.push({ index, host, options: whole, gate, cluster, lives: 1 });
    return cluster;
  }

  /** Advances time: milliseconds or text such as `"30s"`. */
  advance(duration: Duration): Promise<void> {
    return this.#time.advance(duration);
  }

  /**
   * Advances time until a condition holds; it is checked before each step.
   *
   * @throws HearsayError `ERR_TIMEOUT`, with each node's view in the message, if it doesn't hold within `limit` of
   * virtual time
   */
  until(isTrue: () => boolean, limit: Duration = LIMIT): Promise<void> {
    const holds = (): boolean => {
      const result: unknown = isTrue();
      // A promise is an object, and would count as true.
      if (typeof result === "boolean") return result;
      throw configError([{ key: "isTrue", value: result, allowed: "a function that returns true or false" }], "until");
    };
    return this.#time.until(holds, limit, () => `the condition should have come true (${this.#views()})`);
  }

  /**
   * Advances time until a promise has settled, and settles with its outcome. For all operations that take time.
   *
   * @throws HearsayError `ERR_TIMEOUT` if it hasn't settled within `limit` of virtual time; else the promise's own
   * rejection
   */
  async run<T>(work: Promise<T>, limit: Duration = LIMIT): Promise<T> {
    let isSettled = false;
    const note = (): void => {
      isSettled = true;
    };
    work.then(note, note);
    await this.#time.until(
      () => isSettled,
      limit,
      () => `the promise should have settled (${this.#views()})`,
    );
    return work;
  }

  /** Whether each running node, or each given one, sees exactly these nodes as alive. A paused node is not running. */
  converged(...among: readonly NodeRef[]): boolean {
    const running =
      among.length === 0 ? this.#nodes.filter((node) => isRunning(node)) : among.map((ref) => this.#find(ref));
    const expected = running
      .map(({ cluster }) => cluster.self.name)
      .sort()
      .join();
    return running.every(({ cluster }) => {
      const alive = cluster.members({ status: "alive" }).map(({ name }) => name);
      return isUp(cluster) && cluster.members().length === alive.length && alive.sort().join() === expected;
    });
  }

  /** Splits the network: only nodes of the same group reach each other. Nodes in no group form another group. */
  partition(...groups: readonly (readonly NodeRef[])[]): void {
    this.#model.partition(groups.map((group) => group.map((ref) => this.#key(ref))));
  }

  /** Cuts the link from one node to another; the reverse direction stays. */
  cut(from: NodeRef, to: NodeRef): void {
    this.#model.cut(this.#key(from), this.#key(to));
  }

  /** Removes all partitions and cuts. */
  heal(): void {
    this.#model.heal();
  }

  /** Changes the given network conditions; the others stay. */
  setConditions({ latencyMs, jitterMs, lossPercent }: TestConditions): void {
    checkWithin("latencyMs", latencyMs, 3_600_000);
    checkWithin("jitterMs", jitterMs, 3_600_000);
    checkWithin("lossPercent", lossPercent, 100);
    this.#model.setConditions({
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(jitterMs === undefined ? {} : { jitterMs }),
      ...(lossPercent === undefined ? {} : { loss: lossPercent / 100 }),
    });
  }

  /** Sets the addresses of a host name, for names in `join`. An empty list makes the name unknown again. */
  setHost(name: string, addresses: readonly string[]): void {
    this.#hosts.set(name, addresses);
  }

  /** Ends a node like a kill: it sends nothing more, its port is free, and its streams are reset. */
  crash(ref: NodeRef): void {
    const node = this.#find(ref);
    this.#memory.crash(keyOf(node));
    node.gate.discard();
    void node.cluster.close();
  }

  /**
   * Restarts a node at its address, with its previous options overridden by those given here, now and for later
   * restarts. A running node is crashed first.
   */
  async restart(ref: NodeRef, options: TestNodeOptions = {}): Promise<Node> {
    const node = this.#find(ref);
    this.crash(ref);
    node.options = { ...node.options, ...options };
    node.gate = this.#gate();
    node.cluster = await this.#open(node.index, node.host, node.options, node.gate, node.lives++);
    return node.cluster;
  }

  /**
   * Pauses a node like SIGSTOP: its timers and input wait. A pause of less than a second acts like a blocked event
   * loop.
   */
  pause(ref: NodeRef): void {
    this.#find(ref).gate.shut();
  }

  /** Resumes a paused node. */
  resume(ref: NodeRef): void {
    this.#find(ref).gate.open();
  }

  /** Closes all nodes without leaving. Nothing of the network remains. */
  async close(): Promise<void> {
    for (const { gate } of this.#nodes) gate.open();
    await this.run(Promise.all(this.nodes.map((cluster) => cluster.close())).then(() => {}));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(index: number, host: string, options: TestNodeOptions, gate: ProcessGate, life: number): Promise<Node> {
    const random = new Sfc32(this.#seed, index + life * 0x1_0000);
    const transport = gatedTransport(memoryTransport(this.#memory, host, PORT), gate);
    const platform = {
      clock: this.#time.clockOf(gate),
      randomBytes: (count: number) => randomBytes(random, count),
      lookup: (name: string) => this.#lookup(name),
    };
    return openCluster({ ...options, transport }, platform) as Promise<Node>;
  }

  #gate(): ProcessGate {
    return new ProcessGate((run) => this.#memory.soon(run));
  }

  #seedTargets(): string[] {
    return Array.from({ length: this.#seeds }, (_, i) => `${hostOf(i + 1)}:${PORT}`);
  }

  async #lookup(name: string): Promise<readonly string[]> {
    const known =
      this.#hosts.get(name) ?? this.#nodes.filter(({ cluster }) => cluster.self.name === name).map(({ host }) => host);
    if (known.length > 0) return known;
    throw Object.assign(new Error(`there is no host ${name}`), { code: "ENOTFOUND" });
  }

  #find(ref: NodeRef): TestNode<Node> {
    const node = this.#nodes.findLast(({ cluster }) => cluster === ref || cluster.self.name === ref);
    if (node !== undefined) return node;
    const name = typeof ref === "string" ? ref : ref.self.name;
    throw new HearsayError("ERR_UNKNOWN_MEMBER", `the network has no node ${JSON.stringify(name)}`, { name });
  }

  #key(ref: NodeRef): string {
    return keyOf(this.#find(ref));
  }

  #views(): string {
    const views = this.#nodes.map(({ cluster }) => {
      const members = cluster.members().map(({ name, status }) => `${name} ${status}`);
      return `${cluster.self.name} is ${cluster.status} and sees ${members.join(", ")}`;
    });
    return views.length > 20 ? `${views.slice(0, 20).join("; ")}; and ${views.length - 20} more` : views.join("; ");
  }
}

/** 10.0.0.1 for the first node, and so on. The last byte is 1 to 250. */
function hostOf(index: number): string {
  return `10.0.${Math.floor((index - 1) / 250)}.${1 + ((index - 1) % 250)}`;
}

function keyOf({ host }: { readonly host: string }): string {
  return `${host}:${PORT}`;
}

function isUp({ status }: AnyCluster): boolean {
  return status === "alone" || status === "joined";
}

function isRunning({ cluster, gate }: TestNode<AnyCluster>): boolean {
  return isUp(cluster) && !gate.isShut;
}

function randomBytes(random: Random, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.nextU32() & 0xff);
}

function checkWhole(key: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw configError([{ key, value, allowed: `a whole number from ${min} to ${max}` }]);
}

function checkWithin(key: string, value: number | undefined, max: number): void {
  if (value === undefined || (value >= 0 && value <= max)) return;
  throw configError([{ key, value, allowed: `a number from 0 to ${max}` }]);
}
