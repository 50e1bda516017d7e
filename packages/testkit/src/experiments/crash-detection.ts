import { below, Sfc32, unit } from "@hearsay/core";
import { detectionBoundMs } from "../cluster/detection-bound.ts";
import { SimCluster } from "../cluster/sim-cluster.ts";
import { type Expectation, type Experiment, type Finding, finding, type Size, seeds, within } from "./finding.ts";
import { median } from "./statistics.ts";

const WARM_UP_MS = 10_000;

/** How long until a crashed member is dead to all. */
export const crashDetection: Experiment = {
  id: "E7",
  title: "memberlist: from a crash to the death",
  method:
    "The LAN settings, push/pull off: a probe each second, suspicion multiplier 4, Lifeguard on. One random host falls " +
    "silent at a random moment, streams included. First death: from the crash until some node declares it " +
    "dead. All know: from the first death until the last of the others holds it dead. Found values are " +
    "medians over the seeds; no run may exceed the bound that follows from 2N-1 periods, the probe and the " +
    "longest suspicion.",
  run: (size) => (size === "quick" ? [10, 30, 100] : [10, 30, 100, 300, 1000]).flatMap((nodes) => ofSize(nodes, size)),
};

/** Seconds from the crash to the first death. */
const FIRST_DEATH: Readonly<Record<number, number>> = { 10: 5.9, 30: 8.1, 100: 10.0, 300: 11.6, 1000: 13.9 };

function ofSize(nodes: number, size: Size): Finding[] {
  const runs = size === "quick" ? 9 : 30;
  return (["memberlist", "hearsay"] as const).flatMap((rules) => {
    const outcomes = seeds(runs).map((seed) => crashOne(nodes, rules, seed));
    const first = outcomes.map(({ firstMs }) => firstMs / 1000);
    const lag = outcomes.map(({ firstMs, allMs }) => (allMs - firstMs) / 1000);
    const common = { setting: `N=${nodes}`, rules, runs: `${runs} seeds` };
    const isReference = rules === "memberlist";
    const worst = Math.max(...outcomes.map(({ allMs }) => allMs)) / 1000;
    const bound = (outcomes[0]?.boundMs ?? 0) / 1000;
    return [
      finding({
        ...common,
        metric: "first death in s",
        expected: isReference ? firstDeath(nodes, size) : null,
        found: median(first),
        samples: first,
        limit: { text: `all know by ${worst.toFixed(1)} < ${bound.toFixed(0)} s`, holds: worst < bound },
      }),
      finding({
        ...common,
        metric: "all know, s later",
        expected: isReference ? { value: 0.4, source: "sketch", low: 0.1, high: size === "quick" ? 1 : 0.8 } : null,
        found: median(lag),
        samples: lag,
      }),
    ];
  });
}

function firstDeath(nodes: number, size: Size): Expectation {
  return within(FIRST_DEATH[nodes] ?? Number.NaN, size === "quick" ? 0.25 : 0.1, "sketch");
}

interface Outcome {
  readonly firstMs: number;
  readonly allMs: number;
  readonly boundMs: number;
}

function crashOne(nodes: number, rules: "memberlist" | "hearsay", seed: number): Outcome {
  const cluster = new SimCluster({ nodes, seed, rules, config: { pushPullIntervalMs: 0 }, discovery: false });
  const random = new Sfc32(seed, 0xe7);
  cluster.run(WARM_UP_MS + unit(random) * 1000);
  const victim = cluster.node(below(random, nodes));
  const deadTo = new Set<number>();
  let firstAt = -1;
  let lastAt = -1;
  cluster.observe({
    event: (node, event) => {
      if (event.type !== "member" || event.kind !== "failed" || event.member.name !== victim.name) return;
      if (firstAt < 0) firstAt = cluster.now;
      if (!deadTo.has(node.index)) lastAt = cluster.now;
      deadTo.add(node.index);
    },
  });
  const crashedAt = cluster.now;
  const boundMs = detectionBoundMs(cluster.config, nodes, 0);
  cluster.crash(victim, "host");
  cluster.runUntil(() => deadTo.size === nodes - 1, boundMs);
  const isKnown = deadTo.size === nodes - 1;
  return { firstMs: firstAt - crashedAt, allMs: isKnown ? lastAt - crashedAt : Number.POSITIVE_INFINITY, boundMs };
}
