import type { CoreEvent } from "@hearsay/core";
import { type QueryParams, Serf, type SerfConfig, type SerfEvent, type StartedQuery } from "@hearsay/core/serf";
import { SimCluster } from "@hearsay/testkit/cluster/sim-cluster";
import type { SimNode } from "@hearsay/testkit/cluster/sim-node";
import type { SimClusterOptions } from "@hearsay/testkit/cluster/sim-options";

/** The last token of a join by Serf. Those of the simulated hosts are small. */
let lastToken = 1_000_000;

/** A simulated pool with Serf on every node, and all that the applications were told. */
export class SerfPool {
  readonly cluster: SimCluster;
  readonly #serfs: Serf[] = [];
  /** What each node was told, in order. */
  readonly events: { readonly node: number; readonly at: number; readonly event: CoreEvent | SerfEvent }[] = [];
  /** Called for each event, within the node's call. */
  onEvent: (node: SimNode, event: CoreEvent | SerfEvent) => void = () => {};

  constructor(options: SimClusterOptions, config: Partial<SerfConfig> = {}) {
    this.cluster = new SimCluster({
      ...options,
      layers: (index) => {
        const serf = new Serf({ matcher: { isFound: () => true }, config });
        this.#serfs[index] = serf;
        return [serf];
      },
    });
    this.cluster.observe({
      event: (node, told) => {
        const event = this.serf(node.index).eventOf(told) ?? told;
        // Payloads are borrowed.
        const own = "payload" in event && event.payload !== null ? { ...event, payload: event.payload.slice() } : event;
        this.events.push({ node: node.index, at: this.cluster.now, event: own });
        this.onEvent(node, own);
      },
    });
  }

  serf(index: number): Serf {
    const serf = this.#serfs[index];
    if (serf === undefined) throw new RangeError(`node ${index} has not been started`);
    return serf;
  }

  fire(index: number, name: string): void {
    this.cluster.node(index).call((now, out) => void this.serf(index).event(now, name, new Uint8Array(0), false, out));
  }

  ask(index: number, params: Partial<QueryParams> = {}): StartedQuery {
    const all = { name: "load", payload: null, filters: null, ack: true, relayFactor: 0, timeoutMs: 0, ...params };
    let started: StartedQuery | null = null;
    this.cluster.node(index).call((now, out) => {
      const result = this.serf(index).query(now, all, out);
      if ("query" in result) started = result;
    });
    if (started === null) throw new Error("the query was refused");
    return started;
  }

  /** Every node answers every query, a moment later, as applications do. */
  answerAll(): void {
    this.onEvent = (node, event) => {
      if (event.type !== "query") return;
      this.cluster.clock.at(this.cluster.now + 1, () =>
        node.call((now, out) => void this.serf(node.index).respond(now, event.handle, Uint8Array.of(node.index), out)),
      );
    };
  }

  /** Starts a node that is down, and joins as the library does. */
  rejoin(index: number, seed: number): void {
    const { cluster } = this;
    const target = cluster.node(seed).address;
    cluster.restart(cluster.node(index));
    cluster.node(index).call((now, out) => void this.serf(index).join(now, ++lastToken, [target], false, out));
  }

  /** Which nodes heard an event of this name, once for each time. */
  heard(name: string): number[] {
    return this.events.flatMap(({ node, event }) => (event.type === "user-event" && event.name === name ? [node] : []));
  }

  /** Changes that the applications were told of, as `node kind name`. */
  changes(kind: string): string[] {
    return this.events.flatMap(({ node, event }) =>
      event.type === "member" && event.kind === kind ? [`n${node} ${event.member.name}`] : [],
    );
  }

  /** Who answered or acknowledged a query, once for each time. */
  came(type: "query-answered" | "query-acked", query: number): string[] {
    return this.events.flatMap(({ event }) => (event.type === type && event.query === query ? [event.from] : []));
  }

  /** Whether all these nodes see this status of a member. */
  allSee(name: string, status: string, indices: readonly number[]): boolean {
    return indices.every((index) => this.serf(index).member(name)?.status === status);
  }
}
