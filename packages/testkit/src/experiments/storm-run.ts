import { APPLICATION, below, type CoreEvent, Sfc32 } from "@hearsay/core";
import {
  EVENTS_BYTES_MAX,
  GONE_MEMBERS_MAX,
  RECENT_INTENTS_MAX,
  RUMOR_SHARES,
  type RulesName,
} from "@hearsay/core/internal";
import { encodeSerfMessage, Serf, USER_EVENT } from "@hearsay/core/serf";
import { overfull } from "../cluster/occupancy-limits.ts";
import { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimNode } from "../cluster/sim-node.ts";

/** The parameters of one storm. */
export interface StormOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly rules: RulesName;
  /** False: the same crashes and pauses, without events, joins and leaves. */
  readonly isStormy: boolean;
  readonly stormMs: number;
}

/** The result of a storm. Times are in milliseconds, one for each observer of each crash or pause. */
export interface StormResult {
  /** Percentage of heard events, over all pairs of an event and a node alive throughout. */
  readonly reached: number;
  readonly reachedWithin2s: number;
  readonly heardTwice: number;
  /** Percentage of their class's guaranteed share that the events use. */
  readonly shareTaken: number;
  /** From a crash until each node marks the member as failed. */
  readonly failures: readonly number[];
  /** From the first node that marks a member as failed to each node. */
  readonly failureSpread: readonly number[];
  /** From a paused node's resume until each node that suspected it marks it as alive again. */
  readonly refutations: readonly number[];
  /** How often a node marked a live member as failed. */
  readonly falseFailures: number;
  /** Bytes that a node sends in a second: the mean, and the maximum of any node and second. */
  readonly bytesMean: number;
  readonly bytesMax: number;
  readonly eagerPacketsMax: number;
  readonly rumorsMax: number;
  /** What exceeded its limit, or null. */
  readonly overfull: string | null;
}

const EVENTS_PER_SECOND = 20;
const CHURN_PER_SECOND = 50;
/** Share of the nodes that leave and come back. */
const CHURNERS = 0.3;
const FAULT_EVERY_MS = 3000;
/** Long enough to be suspected, and too short to be marked as failed. */
const PAUSE_MS = 6000;
const WARM_UP_MS = 10_000;
/** Time for the consequences of the storm's last crash. */
const TAIL_MS = 40_000;
/** Name and payload of an event. */
const EVENT_NAME = "deploy";
const EVENT_BYTES = 50;

/** A storm in a pool with full views. */
export class StormRun {
  readonly #options: StormOptions;
  readonly #cluster: SimCluster;
  readonly #serfs: Serf[] = [];
  readonly #random: Sfc32;
  /** Nodes that neither leave nor fail. */
  readonly #steady: Set<number>;
  readonly #churners: readonly SimNode[];
  readonly #crashedAt = new Map<string, number>();
  readonly #firstFailed = new Map<string, number>();
  readonly #resumedAt = new Map<string, number>();
  readonly #suspects = new Set<string>();
  /** Lives of nodes that are leaving or have left. */
  readonly #leaving = new Set<number>();
  readonly #firedAt: number[] = [];
  readonly #heard: Set<number>[] = [];
  readonly #bytes: Float64Array;
  readonly #eagerBefore: Float64Array;
  readonly #found = {
    reachedSoon: 0,
    heardTwice: 0,
    failures: [] as number[],
    failureSpread: [] as number[],
    refutations: [] as number[],
    falseFailures: 0,
    bytesSum: 0,
    bytesMax: 0,
    seconds: 0,
    eagerPacketsMax: 0,
    rumorsMax: 0,
    overfull: null as string | null,
  };

  constructor(options: StormOptions) {
    const { nodes, seed, rules } = options;
    this.#options = options;
    this.#random = new Sfc32(seed, 77);
    this.#bytes = new Float64Array(nodes);
    this.#eagerBefore = new Float64Array(nodes);
    this.#cluster = new SimCluster({ nodes, seed, rules, layers: (index) => [this.#newSerf(index)] });
    const churners = Math.floor(nodes * CHURNERS);
    // The first nodes are the seeds of all others.
    this.#churners = this.#cluster.nodes.slice(nodes - churners);
    this.#steady = new Set(this.#cluster.nodes.slice(0, nodes - churners).map(({ index }) => index));
    this.#cluster.observe({
      event: (node, event) => this.#onEvent(node, event),
      datagram: (from, _to, bytes) => {
        this.#bytes[from.index] = (this.#bytes[from.index] ?? 0) + bytes.length;
      },
    });
  }

  run(): StormResult {
    const { stormMs, isStormy } = this.#options;
    const cluster = this.#cluster;
    cluster.run(WARM_UP_MS);
    const start = cluster.now;
    this.#drawFaults(start, stormMs);
    if (isStormy) {
      for (let ms = 0; ms < stormMs; ms += 1000 / EVENTS_PER_SECOND) cluster.clock.at(start + ms, () => this.#fire());
      for (let ms = 0; ms < stormMs; ms += 1000 / CHURN_PER_SECOND) cluster.clock.at(start + ms, () => this.#churn());
    }
    this.#startSecond();
    for (let ms = 0; ms < stormMs; ms += 1000) {
      cluster.run(1000);
      this.#endSecond();
    }
    cluster.run(TAIL_MS);
    return this.#result();
  }

  #newSerf(index: number): Serf {
    // No query here filters by tags.
    const serf = new Serf({ matcher: { isFound: () => false } });
    this.#serfs[index] = serf;
    return serf;
  }

  /** Drawn before anything else, so that a seed has the same faults, stormy or not. */
  #drawFaults(start: number, stormMs: number): void {
    const victims = [...this.#steady].slice(10);
    const draw = (): SimNode => {
      const [index = 0] = victims.splice(below(this.#random, victims.length), 1);
      this.#steady.delete(index);
      return this.#cluster.node(index);
    };
    const last = stormMs - FAULT_EVERY_MS;
    for (let ms = FAULT_EVERY_MS; ms <= last; ms += FAULT_EVERY_MS) {
      const crashed = draw();
      this.#cluster.clock.at(start + ms, () => {
        this.#crashedAt.set(crashed.name, this.#cluster.now);
        this.#cluster.crash(crashed);
      });
      const paused = draw();
      this.#cluster.clock.at(start + ms, () => this.#cluster.pause(paused));
      this.#cluster.clock.at(start + ms + PAUSE_MS, () => {
        this.#resumedAt.set(paused.name, this.#cluster.now);
        this.#cluster.resume(paused);
      });
    }
  }

  /** Sends an event from a random steady node; its payload begins with its number. */
  #fire(): void {
    const tellers = [...this.#steady];
    const node = this.#cluster.node(tellers[below(this.#random, tellers.length)] ?? 0);
    const payload = new Uint8Array(EVENT_BYTES);
    const number = this.#firedAt.length;
    new DataView(payload.buffer).setUint32(0, number);
    this.#firedAt.push(this.#cluster.now);
    this.#heard.push(new Set());
    node.call((now, out) => void this.#serfs[node.index]?.event(now, EVENT_NAME, payload, false, out));
  }

  /** A random churner leaves if it is up, or restarts if it is down. */
  #churn(): void {
    for (let tries = 0; tries < 50; tries++) {
      const node = this.#churners[below(this.#random, this.#churners.length)];
      if (node === undefined || (node.isUp && this.#leaving.has(node.life * this.#options.nodes + node.index)))
        continue;
      if (!node.isUp) return this.#cluster.restart(node);
      this.#leaving.add(node.life * this.#options.nodes + node.index);
      return this.#cluster.leave(node);
    }
  }

  #onEvent(node: SimNode, event: CoreEvent): void {
    if (!this.#steady.has(node.index)) return;
    const { now } = this.#cluster;
    const heardOfSerf = this.#serfs[node.index]?.eventOf(event);
    if (heardOfSerf?.type === "user-event") {
      const { payload } = heardOfSerf;
      const number = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
      const heard = this.#heard[number];
      if (heard?.has(node.index)) this.#found.heardTwice++;
      heard?.add(node.index);
      if (now - (this.#firedAt[number] ?? 0) <= 2000) this.#found.reachedSoon++;
    } else if (event.type === "member") {
      this.#onMember(node, event.kind, event.member.name, now);
    }
  }

  #onMember(node: SimNode, kind: string, name: string, now: number): void {
    const pair = `${node.index} ${name}`;
    if (kind === "suspected") {
      this.#suspects.add(pair);
    } else if (kind === "failed") {
      const crashedAt = this.#crashedAt.get(name);
      if (crashedAt === undefined) this.#found.falseFailures++;
      else this.#failed(name, crashedAt, now);
    } else if (kind === "recovered" || kind === "joined") {
      const resumedAt = this.#resumedAt.get(name);
      if (this.#suspects.delete(pair) && resumedAt !== undefined) this.#found.refutations.push(now - resumedAt);
    }
  }

  #failed(name: string, crashedAt: number, now: number): void {
    const first = this.#firstFailed.get(name) ?? now;
    this.#firstFailed.set(name, first);
    this.#found.failures.push(now - crashedAt);
    this.#found.failureSpread.push(now - first);
  }

  #startSecond(): void {
    this.#bytes.fill(0);
    for (const node of this.#cluster.nodes) this.#eagerBefore[node.index] = node.swim.counters.eagerPackets;
  }

  #endSecond(): void {
    const found = this.#found;
    found.seconds++;
    for (const { index, swim } of this.#cluster.nodes) {
      if (!this.#steady.has(index)) continue;
      const bytes = this.#bytes[index] ?? 0;
      found.bytesSum += bytes;
      found.bytesMax = Math.max(found.bytesMax, bytes);
      const eager = swim.counters.eagerPackets - (this.#eagerBefore[index] ?? 0);
      found.eagerPacketsMax = Math.max(found.eagerPacketsMax, eager);
      found.rumorsMax = Math.max(found.rumorsMax, swim.occupancy.rumors);
      found.overfull ??=
        overfull(swim.occupancy, this.#cluster.config, this.#options.rules) ?? this.#overfullSerf(index);
    }
    this.#startSecond();
  }

  #overfullSerf(index: number): string | null {
    const occupancy = this.#serfs[index]?.occupancy;
    if (occupancy === undefined) return null;
    if (occupancy.recentIntents > RECENT_INTENTS_MAX) return `${occupancy.recentIntents} intents`;
    if (occupancy.eventBytes > EVENTS_BYTES_MAX) return `${occupancy.eventBytes} bytes of events`;
    if (occupancy.serfMembers > this.#cluster.config.membersMax + GONE_MEMBERS_MAX)
      return `${occupancy.serfMembers} members`;
    return null;
  }

  #result(): StormResult {
    const found = this.#found;
    const { gossipNodes, gossipIntervalMs } = this.#cluster.config;
    const pairs = this.#firedAt.length * this.#steady.size;
    const reached = this.#heard.reduce(
      (sum, heard) => sum + [...heard].filter((index) => this.#steady.has(index)).length,
      0,
    );
    const classBytes = ((RUMOR_SHARES[APPLICATION] ?? 0) / 100) * 1400 * gossipNodes * (1000 / gossipIntervalMs);
    return {
      ...found,
      reached: percent(reached, pairs),
      reachedWithin2s: percent(found.reachedSoon, pairs),
      shareTaken: percent(EVENTS_PER_SECOND * RUMOR_BYTES, classBytes),
      bytesMean: found.bytesSum / (found.seconds * this.#steady.size),
    };
  }
}

/** Bytes of an event as a memberlist message, including its overhead in a compound. */
const RUMOR_BYTES =
  3 +
  encodeSerfMessage({
    type: USER_EVENT,
    lTime: 1000,
    name: EVENT_NAME,
    payload: new Uint8Array(EVENT_BYTES),
    coalesce: false,
  }).length;

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : (100 * part) / whole;
}
