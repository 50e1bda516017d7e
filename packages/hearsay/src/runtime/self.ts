import type { ClusterStatus } from "../base/lifecycle.ts";
import { NO_TAGS } from "../members/member.ts";
import type { LoopDelay } from "../node/loop-delay.ts";
import type { ClusterRuntime } from "./cluster-runtime.ts";

/** From this delay of the loop on, it is what is said to be wrong. */
const LATE_LOOP_MS = 250;

/** This node: who it is, and how well it does. It is read anew at each access, which changes nothing. */
export interface Self {
  /** Its name in the cluster. */
  readonly name: string;
  /** Where others reach it, `host:port`. */
  readonly address: string;
  /** Where it listens, `host:port`; a wildcard stands for every interface. */
  readonly boundAddress: string;
  /** What it tells of itself; empty in the flavour `memberlist`. `cluster.setTags` changes it. */
  readonly tags: Readonly<Record<string, string>>;
  /** How much it distrusts itself, from 0, which is healthy: each point stretches its probes by one interval. */
  readonly awareness: number;
  /** How late this process's event loop was in the last minute, as the timers of this node saw it. */
  readonly loopDelay: LoopDelay;
  /** In words, what is wrong; null if nothing is. */
  readonly reason: string | null;
}

/** Getters of an object's own, so that `JSON.stringify` and a spread see them. */
export function selfOf({ node, lifecycle }: ClusterRuntime): Self {
  return {
    get name() {
      return node.name;
    },
    get address() {
      return node.address.key;
    },
    get boundAddress() {
      return node.bound.key;
    },
    get tags() {
      return node.roster.get(node.name)?.tags ?? NO_TAGS;
    },
    get awareness() {
      return node.swim.awareness;
    },
    get loopDelay() {
      return node.driver.loopDelay;
    },
    get reason() {
      return reasonOf(lifecycle.status, node.swim.awareness, node.driver.loopDelay);
    },
  };
}

function reasonOf(status: ClusterStatus, awareness: number, { p99Ms }: LoopDelay): string | null {
  if (status === "failed") return "the cluster has failed";
  if (p99Ms >= LATE_LOOP_MS) return `this process's event loop was late by up to ${Math.round(p99Ms)} ms`;
  return awareness > 0 ? "probes of this node fail, or others accuse it: look at its network and load" : null;
}
