import { below, presetConfig, Sfc32, unit } from "@hearsay/core";
import { suspicionMinMs } from "@hearsay/core/internal";
import { SimCluster } from "../cluster/sim-cluster.ts";
import { type Expectation, type Experiment, type Finding, finding, type Size, seeds, within } from "./finding.ts";
import { median } from "./statistics.ts";

const WARM_UP_MS = 10_000;
const LAN = presetConfig("lan");

/** Periods within which a crashed member has been accused three times. */
const ACCUSING_PERIODS = 15;
const NEWS_MS = 1000;

/** How long until all nodes list a crashed member as failed. */
export const crashDetection: Experiment = {
  id: "E7",
  title: "From a crash to the death",
  method:
    "The LAN settings, push/pull off: a probe each second, suspicion multiplier 4, Lifeguard on. One random host falls " +
    "silent at a random moment, streams included. First death: from the crash until some node declares it " +
    "dead. All know: from the first death until the last of the others holds it dead. Found values are " +
    "medians over the seeds. Rules `hearsay` are what is shipped, `memberlist` the reference's. Expected for the first " +
    "death by the shipped rules: (N-1)/N periods until somebody's turn for the victim comes, one for the probe, and the " +
    "least suspicion, which two further accusations bring about. All know: the eager lane tells a death within " +
    "milliseconds, and nobody has to wait for a gossip tick. The limit of every run: three nodes have accused within " +
    `${ACCUSING_PERIODS} periods, each of which brings about one accusation, since N-1 nodes each ping one of N-1 others ` +
    "(a Poisson distribution gives fewer than three in one of 25,000 runs); to that come a tenth for jitter, the probe, " +
    "the least suspicion, which begins by then, and a second for the news.",
  run: (size) => (size === "quick" ? [10, 100] : [10, 30, 100, 300, 1000]).flatMap((nodes) => ofSize(nodes, size)),
};

/** Seconds from the crash to the first death by the reference's rules. */
const FIRST_DEATH: Readonly<Record<number, number>> = { 10: 5.9, 30: 8.1, 100: 10.0, 300: 11.6, 1000: 13.9 };

function ofSize(nodes: number, size: Size): Finding[] {
  const runs = size === "quick" ? 9 : 30;
  return (["hearsay", "memberlist"] as const).flatMap((rules) => {
    const outcomes = seeds(runs).map((seed) => crashOne(nodes, rules, seed));
    const first = outcomes.map(({ firstMs }) => firstMs / 1000);
    const lag = outcomes.map(({ firstMs, allMs }) => (allMs - firstMs) / 1000);
    const common = { setting: `N=${nodes}`, rules, runs: `${runs} seeds` };
    const isReference = rules === "memberlist";
    const worst = Math.max(...outcomes.map(({ allMs }) => allMs)) / 1000;
    const bound = allKnowByMs(nodes) / 1000;
    return [
      finding({
        ...common,
        metric: "first death in s",
        expected: isReference ? referenceDeath(nodes, size) : shippedDeath(nodes, size),
        found: median(first),
        samples: first,
        limit: { text: `all know by ${worst.toFixed(1)} < ${bound.toFixed(0)} s`, holds: worst < bound },
      }),
      finding({
        ...common,
        metric: "all know, s later",
        expected: isReference
          ? { value: 0.4, source: "sketch", low: 0.1, high: size === "quick" ? 1 : 0.8 }
          : { value: 0, source: "promise", low: 0, high: 0.05 },
        found: median(lag),
        samples: lag,
      }),
    ];
  });
}

function referenceDeath(nodes: number, size: Size): Expectation {
  return within(FIRST_DEATH[nodes] ?? Number.NaN, size === "quick" ? 0.25 : 0.1, "sketch");
}

function shippedDeath(nodes: number, size: Size): Expectation {
  const seconds = ((nodes - 1) / nodes + 1) * (LAN.probeIntervalMs / 1000) + suspicionMinMs(LAN, nodes) / 1000;
  return within(seconds, size === "quick" ? 0.15 : 0.08, "closed form");
}

/** The time by which all nodes of every run must know. */
function allKnowByMs(nodes: number): number {
  return (1.1 * ACCUSING_PERIODS + 1) * LAN.probeIntervalMs + suspicionMinMs(LAN, nodes) + NEWS_MS;
}

interface Outcome {
  readonly firstMs: number;
  readonly allMs: number;
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
  cluster.crash(victim, "host");
  cluster.runUntil(() => deadTo.size === nodes - 1, 2 * allKnowByMs(nodes));
  const isKnown = deadTo.size === nodes - 1;
  return { firstMs: firstAt - crashedAt, allMs: isKnown ? lastAt - crashedAt : Number.POSITIVE_INFINITY };
}
