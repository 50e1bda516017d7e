import type { CoreEvent, MemberChange } from "@hearsay/core";
import { missedDetection } from "./detection-bound.ts";
import { InvariantBroken } from "./invariant-broken.ts";
import type { FaultKind, SimObserver } from "./observer.ts";
import { overfull } from "./occupancy-limits.ts";
import type { SimCluster } from "./sim-cluster.ts";
import type { SimNode } from "./sim-node.ts";

/** How often everything is looked at; between two looks, only what changes is. */
export const SWEEP_MS = 250;

/**
 * What must hold in every history, whatever goes wrong in it. Checked as the cluster runs; a violation throws
 * `InvariantBroken` out of the call that let time pass.
 *
 * - Within one life of a node, the incarnation at which it holds a member never falls, unless it forgot the member or
 *   the name was taken over from another address.
 * - A dead or departed member comes back only with a higher incarnation, or from another address.
 * - Everything that can fill up stays within its limit.
 * - A crashed member is not held alive for longer than `detectionBoundMs`.
 */
export class Invariants implements SimObserver {
  readonly #cluster: SimCluster;
  /** For each node: what it last said of each member's incarnation and address. */
  readonly #seen: Map<string, Seen>[];
  /** For each node: since when it has wrongly held a crashed member alive. */
  readonly #mistaken: Map<string, Mistake>[];
  readonly #awarenessMax: number[];
  #nextSweep = 0;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    this.#seen = cluster.nodes.map(() => new Map());
    this.#mistaken = cluster.nodes.map(() => new Map());
    this.#awarenessMax = cluster.nodes.map(() => 0);
    cluster.observe(this);
  }

  event(node: SimNode, event: CoreEvent): void {
    if (event.type === "member") this.#changed(node, event);
  }

  fault(kind: FaultKind, node: SimNode | null): void {
    if (node === null) return;
    // What a node knew is gone with its process; and one that stood still could not have found anything out.
    if (kind === "crashed" || kind === "started") this.#seen[node.index]?.clear();
    this.#mistaken[node.index]?.clear();
  }

  stepped(node: SimNode): void {
    this.#checkOccupancy(node);
    this.#awarenessMax[node.index] = Math.max(this.#awarenessMax[node.index] ?? 0, node.swim.awareness);
    const { now } = this.#cluster;
    if (now < this.#nextSweep) return;
    this.#nextSweep = now + SWEEP_MS;
    this.sweep();
  }

  /** Looks at every member in every view. */
  sweep(): void {
    for (const viewer of this.#cluster.nodes) {
      if (!viewer.isRunning) continue;
      for (const { name, incarnation, address } of viewer.swim.members())
        this.#see(viewer, name, incarnation, address.key);
      this.#checkDetection(viewer);
    }
  }

  #changed(node: SimNode, { kind, member, previous }: MemberChange): void {
    const { name, incarnation, address } = member;
    if (kind === "reaped") {
      this.#seen[node.index]?.delete(name);
      return;
    }
    const wasGone = previous?.status === "failed" || previous?.status === "left";
    const sameAddress = previous?.address.key === address.key;
    if (kind === "joined" && wasGone && sameAddress && incarnation <= previous.incarnation) {
      this.#fail(`${node.name} took ${name} back at incarnation ${incarnation}, dead at ${previous.incarnation}`);
    }
    this.#see(node, name, incarnation, address.key);
  }

  #see(node: SimNode, name: string, incarnation: number, address: string): void {
    const seen = this.#seen[node.index];
    const last = seen?.get(name);
    if (last === undefined) {
      seen?.set(name, { incarnation, address });
      return;
    }
    if (incarnation < last.incarnation && address === last.address) {
      this.#fail(`in the view of ${node.name}, ${name} fell from incarnation ${last.incarnation} to ${incarnation}`);
    }
    last.incarnation = incarnation;
    last.address = address;
  }

  #checkOccupancy(node: SimNode): void {
    const excess = overfull(node.swim.occupancy, node.config, this.#cluster.options.rules);
    if (excess !== null) this.#fail(`${node.name} holds ${excess}`);
  }

  #checkDetection(viewer: SimNode): void {
    const mistaken = this.#mistaken[viewer.index];
    if (mistaken === undefined) return;
    if (mistaken.size === 0) this.#awarenessMax[viewer.index] = viewer.swim.awareness;
    const { now } = this.#cluster;
    for (const target of this.#cluster.nodes) {
      if (target === viewer) continue;
      const member = target.isUp ? undefined : viewer.swim.member(target.name);
      if (member === undefined || member.status === "failed" || member.status === "left") {
        mistaken.delete(target.name);
        continue;
      }
      // News from before the crash may still come in and clear the member once more; each such incarnation counts anew.
      const open = mistaken.get(target.name);
      if (open?.incarnation === member.incarnation) {
        const missed = missedDetection(viewer, now - open.since, this.#awarenessMax[viewer.index] ?? 0, this.#cluster);
        if (missed !== null)
          this.#fail(`${viewer.name} holds ${target.name} ${member.status}, which is down: ${missed}`);
      } else {
        mistaken.set(target.name, { since: now, incarnation: member.incarnation });
      }
    }
  }

  #fail(what: string): never {
    throw new InvariantBroken(what, this.#cluster);
  }
}

interface Seen {
  incarnation: number;
  address: string;
}

interface Mistake {
  readonly since: number;
  readonly incarnation: number;
}
