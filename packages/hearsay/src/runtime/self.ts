import type { ClusterStatus } from "../base/lifecycle.ts";
import { NO_TAGS } from "../members/member.ts";
import type { LoopDelay } from "../node/loop-delay.ts";
import type { ClusterRuntime } from "./cluster-runtime.ts";

/** From this event loop delay on, `reason` reports the delay. */
const LATE_LOOP_MS = 250;

/** This node: its identity and its condition. Each access reads the current value and has no side effects. */
export interface Self {
  /** Its name in the cluster. */
  readonly name: string;
  /** Where others reach it, `host:port`. */
  readonly address: string;
  /** Where it listens, `host:port`; a wildcard stands for every interface. */
  readonly boundAddress: string;
  /** Its tags; empty in the flavour `memberlist`. `cluster.setTags` changes them. */
  readonly tags: Readonly<Record<string, string>>;
  /**
   * Its awareness score, from 0, which is healthy, to `timings.awarenessMaxMult` - 1. Each point stretches its probes by
   * one interval.
   */
  readonly awareness: number;
  /** How late this process's event loop was in the last minute, as measured by this node's timers. */
  readonly loopDelay: LoopDelay;
  /** What is wrong, in words; null if nothing is. */
  readonly reason: string | null;
}

/** Own getters, so that `JSON.stringify` and spreads include them. */
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
