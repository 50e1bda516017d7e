import { APPLICATION, below, type Random, unit } from "@hearsay/core";
import type { AnyLayer } from "@hearsay/core/internal";
import { Messaging } from "@hearsay/core/messaging";
import { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimClusterOptions } from "../cluster/sim-options.ts";

/** How far a message spread: when each node that heard it did so, in milliseconds from its start, sorted. */
export interface Spread {
  readonly times: readonly number[];
  readonly missed: number;
}

const CHANNEL = "news";

/** A cluster with full views and without probes, in which the messages of a channel spread. */
export class BroadcastCluster {
  readonly cluster: SimCluster;
  readonly #messaging: Messaging[] = [];
  #id = 0;
  #startedAt = 0;
  #hasHeard: Uint8Array;
  #times: number[] = [];

  constructor(options: SimClusterOptions) {
    this.#hasHeard = new Uint8Array(options.nodes);
    const config = { probeIntervalMs: 0, pushPullIntervalMs: 0, ...options.config };
    const network = { ...options.network, loss: 0 };
    const layers = (index: number): AnyLayer[] => [this.#newMessaging(index), ...(options.layers?.(index) ?? [])];
    this.cluster = new SimCluster({ ...options, config, network, layers, discovery: false });
    // Waits until the rumors of the nodes' own starts are spent.
    this.#untilQuiet();
    this.cluster.observe({
      event: ({ index }, event) => {
        const message = this.#messaging[index]?.eventOf(event);
        if (message?.kind === "channel" && message.payload[0] === (this.#id & 255)) this.hear(index);
      },
    });
  }

  /** Whether this node has heard the current message. */
  hasHeard(index: number): boolean {
    return this.#hasHeard[index] === 1;
  }

  /** Records that the node has heard the message, by any path. Returns true if it is news. */
  hear(index: number): boolean {
    if (this.#hasHeard[index] === 1) return false;
    this.#hasHeard[index] = 1;
    this.#times.push(this.cluster.now - this.#startedAt);
    return true;
  }

  /** Spreads one message from a random node, at a random moment of the next second. */
  spreadAtRandom(random: Random, loss: number): Spread {
    this.cluster.run(unit(random) * 1000);
    return this.spread(below(random, this.cluster.nodes.length), loss);
  }

  /** Spreads one message from a node, until no node gossips it any more. */
  spread(origin: number, loss: number): Spread {
    const { network, nodes } = this.cluster;
    network.model.setConditions({ loss });
    this.#id++;
    this.#hasHeard = new Uint8Array(nodes.length);
    this.#times = [];
    this.#startedAt = this.cluster.now;
    this.hear(origin);
    const payload = Uint8Array.of(this.#id);
    const node = this.cluster.node(origin);
    node.call((now, out) => this.#messaging[origin]?.publish(now, CHANNEL, payload, APPLICATION, 0, out));
    this.#untilQuiet();
    return this.result();
  }

  /** How far the current message has spread so far. */
  result(): Spread {
    return { times: [...this.#times], missed: this.cluster.nodes.length - this.#times.length };
  }

  #newMessaging(index: number): Messaging {
    const bootId = new Uint8Array(8);
    new DataView(bootId.buffer).setUint32(0, index);
    const messaging = new Messaging({ name: `n${index}`, bootId });
    this.#messaging[index] = messaging;
    return messaging;
  }

  #untilQuiet(): void {
    const isQuiet = (): boolean => this.cluster.nodes.every(({ swim }) => swim.occupancy.rumors === 0);
    // The last packets are still in flight when the last rumor is spent, hence one more step.
    if (!this.cluster.runUntil(isQuiet, 120_000, 400)) throw new Error("the cluster doesn't come to rest");
    this.cluster.run(400);
    if (!isQuiet()) this.#untilQuiet();
  }
}
