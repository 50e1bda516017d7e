import { type SwimConfig, suspicionMaxMs } from "@hearsay/core";
import { RULES } from "@hearsay/core/internal";
import type { SimCluster } from "./sim-cluster.ts";
import type { SimNode } from "./sim-node.ts";

/** For rounding, packet latency, and the time between two checks of the cluster. */
const SLACK_MS = 2000;
const JITTER_MAX = 1.1;

/**
 * The longest time that a running node can list a crashed member as alive, with only its own probes: a round robin
 * reaches the member within 2n - 1 periods (SWIM, section 4.3), the probe takes a period, and the suspicion lasts at
 * most its longest timeout (docs/protocol/memberlist.md, sections 13 and 14). `awareness` is the worst local health
 * meanwhile, which stretches the periods.
 */
export function detectionBoundMs(config: SwimConfig, n: number, awareness: number): number {
  const stretch = 1 + awareness;
  const period = config.probeIntervalMs * stretch * JITTER_MAX;
  const probe = Math.max(config.probeIntervalMs * stretch, 2 * config.probeTimeoutMs);
  // A node that doesn't overlap its probes can lose a period to each failed probe, hence twice the periods.
  return (2 * n - 1) * 2 * period + probe + suspicionMaxMs(config, n) + SLACK_MS;
}

/** Why a viewer has listed a crashed member as alive for too long, or null if it hasn't. */
export function missedDetection(
  viewer: SimNode,
  heldMs: number,
  awareness: number,
  { options, config }: SimCluster,
): string | null {
  const rules = typeof options.rules === "object" ? options.rules : RULES[options.rules ?? "hearsay"];
  // A random choice of targets has no bound, and a node that only counts failures or doesn't probe detects nothing.
  if (rules.probeOrder === "random" || rules.verdict === "count" || config.probeIntervalMs === 0) return null;
  const bound = detectionBoundMs(config, viewer.swim.occupancy.members, awareness);
  return heldMs <= bound ? null : `${Math.round(heldMs)} ms, the bound is ${Math.round(bound)} ms`;
}
