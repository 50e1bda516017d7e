import type { CoreEvent } from "@hearsay/core";
import type { FaultKind, SimObserver } from "./observer.ts";
import type { SimCluster } from "./sim-cluster.ts";
import type { SimNode } from "./sim-node.ts";

/** How long an isolated node waits before it tries to join again. */
const ALONE_MS = 5000;
/** How often a node looks for others that it doesn't know. */
const LOOK_MS = 60_000;

/**
 * The part of the hosts in keeping a cluster together: they keep asking a name service, which here knows all nodes that
 * are up. An isolated node soon joins again; other nodes periodically look for nodes missing from their views. The core
 * can't do that: it remembers members that it lost, but doesn't know nodes that it never met.
 */
export class Discovery implements SimObserver {
  readonly #cluster: SimCluster;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  event(node: SimNode, event: CoreEvent): void {
    const isAlone = event.type === "notice" && event.notice.kind === "isolated";
    const hasFailed = event.type === "join-finished" && event.contacted === 0;
    if (isAlone || hasFailed) this.#after(ALONE_MS, node, () => this.#joinIfAlone(node));
  }

  fault(kind: FaultKind, node: SimNode | null): void {
    if (kind === "started" && node !== null) this.#look(node);
  }

  #joinIfAlone(node: SimNode): void {
    const { swim } = node;
    if (swim.count("alive") + swim.count("suspect") <= 1) this.#cluster.join(node);
  }

  /** For restarted nodes: only these can be unknown to others that they don't know either. */
  #look(node: SimNode): void {
    this.#after(LOOK_MS, node, () => {
      const others = this.#cluster.nodes.filter((other) => other !== node && other.isUp);
      const missing = others.filter(({ name }) => node.swim.member(name)?.status !== "alive");
      if (missing.length > 0) node.join(missing.map(({ address }) => address));
      this.#look(node);
    });
  }

  #after(ms: number, node: SimNode, act: () => void): void {
    const { clock } = this.#cluster;
    const { life } = node;
    clock.at(clock.now() + ms, () => {
      if (node.life === life && node.isUp) act();
    });
  }
}
