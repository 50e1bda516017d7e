import type { CoreEvent, MemberChange } from "@hearsay/core";
import { missedDetection } from "./detection-bound.ts";
import { InvariantBroken } from "./invariant-broken.ts";
import type { FaultKind, SimObserver } from "./observer.ts";
import { overfull } from "./occupancy-limits.ts";
import type { SimCluster } from "./sim-cluster.ts";
import type { SimNode } from "./sim-node.ts";

/** How often everything is checked; between two sweeps, only changes are. */
export const SWEEP_MS = 250;

/**
 * Checks what must hold in every history, whatever goes wrong in it. A violation throws `InvariantBroken` out of the
 * call that advanced time.
 *
 * - Within one life of a node, the incarnation that it lists for a member never decreases, unless it forgot the member
 *   or the name was taken over from another address.
 * - A failed or left member comes back only with a higher incarnation, or from another address.
 * - Everything that has a limit stays within it.
 * - A crashed member is not listed as alive for longer than `detectionBoundMs`.
 */
export class Invariants implements SimObserver {
  readonly #cluster: SimCluster;
  /** For each node: the incarnation and address that it last listed for each member. */
  readonly #seen: Map<string, Seen>[];
  /** For each node: since when it has wrongly listed a crashed member as alive. */
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
    // A node's knowledge ends with its process, and a paused node could not detect anything.
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

  /** Checks every member in every view. */
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
      // News from before the crash may still arrive and refute the suspicion; each such incarnation restarts the time.
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
