import type { Address, CoreEvent } from "@hearsay/core";
import type { SimNode } from "./sim-node.ts";

/** Observes a simulated cluster. `event` and `datagram` run inside a call of the node and must not call it. */
export interface SimObserver {
  /** A node emits an event. The payload of a user message is borrowed. */
  event?(node: SimNode, event: CoreEvent): void;
  /** A node sends a datagram. `bytes` is borrowed. */
  datagram?(from: SimNode, to: Address, bytes: Uint8Array): void;
  /** A call of the node is complete. */
  stepped?(node: SimNode): void;
  /** A fault was injected or removed. */
  fault?(kind: FaultKind, node: SimNode | null): void;
}

/** What can happen to a node (`crashed` to `left`) or to the network. */
export type FaultKind = "crashed" | "started" | "paused" | "resumed" | "left" | "network";

/** All observers of one cluster, grouped by callback, so that an unobserved packet costs nothing. */
export class Observers {
  readonly event: SimObserver[] = [];
  readonly datagram: SimObserver[] = [];
  readonly stepped: SimObserver[] = [];
  readonly fault: SimObserver[] = [];

  add(observer: SimObserver): void {
    for (const kind of ["event", "datagram", "stepped", "fault"] as const) {
      if (observer[kind] !== undefined) this[kind].push(observer);
    }
  }

  remove(observer: SimObserver): void {
    for (const kind of ["event", "datagram", "stepped", "fault"] as const) {
      const at = this[kind].indexOf(observer);
      if (at >= 0) this[kind].splice(at, 1);
    }
  }
}
