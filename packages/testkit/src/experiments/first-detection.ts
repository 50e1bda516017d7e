import { type Address, below, Sfc32, unit } from "@hearsay/core";
import { RULES, type Rules } from "@hearsay/core/internal";
import { PING } from "@hearsay/core/wire";
import { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimNode } from "../cluster/sim-node.ts";
import { type Experiment, type Finding, finding, type Size, seeds, within } from "./finding.ts";
import { mean, quantile } from "./statistics.ts";

const PERIOD_MS = 1000;
/** By then, the rumors of the nodes' own starts are spent, and pings carry nothing else. */
const WARM_UP_PERIODS = 20;
/** The longest period with jitter, in intervals. */
const JITTER_MAX = 1.1;

/** The paper's choice of targets. Failures are only counted, so that one cluster serves many trials. */
const RANDOM_ORDER: Rules = { ...RULES.swim, verdict: "count" };
/** The shipped rules: round robin over a shuffled list, jittered periods, local health. */
const SHIPPED: Rules = { ...RULES.hearsay, verdict: "count" };

/**
 * Periods between two trials with the shipped rules. A node that was cut off probes less often until its awareness has
 * recovered, which takes up to 9 + 8 + ... + 2 periods. Among many nodes, the few that have not recovered don't matter.
 */
function recoveryPeriods(nodes: number): number {
  return nodes > 100 ? 12 : 50;
}

/** How many periods until the first node detects a failure. */
export const firstDetection: Experiment = {
  id: "E1",
  title: "Time to first detection",
  method:
    "In the middle of a period one random node is cut off from all others; a trial ends when the first probe of it has " +
    "failed. Failures are counted and not told, nobody gossips. Rules `swim` are the paper's, for comparison: " +
    "random targets, all nodes in lock step (a source of chance that gives zero while they start puts the first " +
    "probe of each at the same instant, and periods are not jittered); counted are whole periods, expected are " +
    "1/(1-(1-1/(N-1))^(N-1)), which the paper gives as e/(e-1) for large N. Rules `hearsay` are what is shipped, each " +
    "node in a phase of its own; expected is (N-1)/N, until somebody's turn for the victim comes, and the period " +
    "that a probe takes. The slope is the largest cluster's mean over the smallest one's: it may not grow with N " +
    "beyond what the formula says.",
  run: (size) => {
    const sizes = size === "quick" ? [8, 56] : [8, 28, 56, 1000];
    return [...sizes.map((nodes) => lockStep(nodes, size)), ...shippedDetection(sizes, size)];
  },
};

/** Only the first ping, for which there is a bound. */
export const firstPing: Experiment = {
  id: "E1b",
  title: "Time to the first ping of a crashed member",
  method:
    "As E1 by the shipped rules, but a trial is the time from the cut until the first ping to the victim leaves, in " +
    "periods. A round robin walks through a shuffled list, so that no trial may take more than 2N-1 periods of at most " +
    "1.1 intervals, and, in a cluster in which nobody is cut off, no prober may come back to a member after more " +
    "pings of its own than 2N-1; expected is (N-1)/N, each prober being at a random point of its list. Rules `swim`, for " +
    "comparison, draw each target from all others, for which there is no bound; expected is the integral of the " +
    "chance that nobody has drawn the victim yet.",
  run: (size) =>
    (size === "quick" ? [8, 56] : [8, 56, 1000]).flatMap((nodes) => [
      ...inPhases(nodes, SHIPPED, size),
      ...inPhases(nodes, RANDOM_ORDER, size),
    ]),
};

/** Seeds, and trials per seed. A period of 1000 nodes costs eighteen times as much as one of 56. */
function extent(nodes: number, size: Size): [number, number] {
  if (size === "quick") return [5, 40];
  return nodes > 100 ? [30, 50] : [40, 100];
}

function lockStep(nodes: number, size: Size): Finding {
  const [runs, trials] = extent(nodes, size);
  const samples = seeds(runs).map((seed) => lockStepTrials(nodes, seed, trials));
  const all = samples.flat();
  const expected = 1 / (1 - (1 - 1 / (nodes - 1)) ** (nodes - 1));
  return finding({
    setting: `N=${nodes}`,
    rules: "swim",
    metric: "mean periods",
    expected: within(expected, size === "quick" ? 0.15 : 0.03, "paper"),
    found: mean(all),
    samples: samples.map(mean),
    runs: `${runs} seeds x ${trials} trials`,
  });
}

function shippedDetection(sizes: readonly number[], size: Size): Finding[] {
  const means: number[] = [];
  const rows = sizes.map((nodes) => {
    const [runs, trials] = extent(nodes, size);
    const samples = seeds(runs).map((seed) => detectionTrials(nodes, seed, trials));
    means.push(mean(samples.flat()));
    return finding({
      setting: `N=${nodes}`,
      rules: "hearsay",
      metric: "mean periods",
      expected: within(meanOfDetection(nodes), size === "quick" ? 0.1 : 0.03, "closed form"),
      found: mean(samples.flat()),
      samples: samples.map(mean),
      runs: `${runs} seeds x ${trials} trials`,
    });
  });
  const [smallest = 0, largest = 0] = [sizes[0], sizes.at(-1)];
  const slope = (means.at(-1) ?? Number.NaN) / (means[0] ?? Number.NaN);
  const expected = meanOfDetection(largest) / meanOfDetection(smallest);
  const row = finding({
    setting: `N=${smallest} to ${largest}`,
    rules: "hearsay",
    metric: "slope",
    expected: within(expected, size === "quick" ? 0.1 : 0.04, "closed form"),
    found: slope,
    samples: [slope],
    runs: "as above",
  });
  return [...rows, row];
}

/** The wait until a prober's turn for the victim comes, and the period that the probe takes. */
function meanOfDetection(nodes: number): number {
  return (nodes - 1) / nodes + 1;
}

/** From each cut until the first probe of the victim has failed, in periods. */
function detectionTrials(nodes: number, seed: number, trials: number): number[] {
  const cluster = quietCluster(nodes, seed, SHIPPED, "random");
  const random = new Sfc32(seed, 0xe1);
  const periods: number[] = [];
  cluster.run(WARM_UP_PERIODS * PERIOD_MS);
  for (let trial = 0; trial < trials; trial++) {
    cluster.run((recoveryPeriods(nodes) + unit(random)) * PERIOD_MS);
    const victim = cluster.node(below(random, nodes));
    const before = failures(cluster, victim);
    const cutAt = cluster.now;
    cluster.partition([[victim]]);
    cluster.runUntil(() => failures(cluster, victim) > before, 10 * nodes * PERIOD_MS, PERIOD_MS / 50);
    periods.push((cluster.now - cutAt) / PERIOD_MS);
    cluster.heal();
  }
  return periods;
}

function lockStepTrials(nodes: number, seed: number, trials: number): number[] {
  const cluster = quietCluster(nodes, seed, RANDOM_ORDER, "together");
  const random = new Sfc32(seed, 0xe1);
  const periods: number[] = [];
  // Starts in the middle of a period, when all its answers have arrived.
  cluster.run(WARM_UP_PERIODS * PERIOD_MS + PERIOD_MS / 2);
  for (let trial = 0; trial < trials; trial++) {
    const victim = cluster.node(below(random, nodes));
    const before = failures(cluster, victim);
    cluster.partition([[victim]]);
    cluster.run(PERIOD_MS);
    let count = 0;
    do {
      // A probe that starts at a tick has failed by the next one.
      cluster.run(PERIOD_MS);
      count++;
    } while (failures(cluster, victim) === before);
    periods.push(count);
    cluster.heal();
    // Running probes of the victim fail before the next trial begins.
    cluster.run(PERIOD_MS);
  }
  return periods;
}

function inPhases(nodes: number, rules: Rules, size: Size): Finding[] {
  const [runs, trials] = extent(nodes, size);
  const isRandom = rules.probeOrder === "random";
  const samples = seeds(runs).map((seed) => phaseTrials(nodes, seed, rules, trials));
  const all = samples.flat();
  const common = {
    setting: `N=${nodes}`,
    rules: isRandom ? "swim" : "hearsay",
    runs: `${runs} seeds x ${trials} trials`,
  };
  const expected = isRandom ? meanOfRandomOrder(nodes) : (nodes - 1) / nodes;
  const findings = [
    finding({
      ...common,
      metric: "mean periods",
      expected: within(expected, size === "quick" ? 0.2 : 0.04, "closed form"),
      found: mean(all),
      samples: samples.map(mean),
      ...(isRandom ? {} : { limit: boundOf(nodes, rules, Math.max(...all)) }),
    }),
  ];
  if (isRandom || nodes !== 56) return findings;
  const p99 = samples.map((sample) => quantile(sample, 0.99));
  return [
    ...findings,
    finding({
      ...common,
      metric: "99th percentile",
      expected: within(4.3, size === "quick" ? 0.4 : 0.15, "sketch"),
      found: quantile(all, 0.99),
      samples: p99,
    }),
  ];
}

/**
 * The bounds of a round robin: the time until some prober reaches a member, and each prober's pings between two pings
 * of one member.
 */
function boundOf(nodes: number, rules: Rules, longest: number): { text: string; holds: boolean } {
  const pings = 2 * nodes - 1;
  const periods = pings * JITTER_MAX;
  const gap = greatestGap(nodes, rules);
  return {
    text: `${longest.toFixed(1)} <= ${periods.toFixed(1)}, each after ${gap} <= ${pings} pings`,
    holds: longest <= periods && gap <= pings,
  };
}

/**
 * The largest number of pings from a prober's ping of a member to its next ping of the same member, with all members
 * up; Infinity if a prober never pinged a member.
 */
function greatestGap(nodes: number, rules: Rules): number {
  const cluster = quietCluster(nodes, 1, rules, "random");
  const pings = new Uint32Array(nodes);
  const lastTo = Array.from({ length: nodes }, () => new Map<Address, number>());
  let greatest = 0;
  cluster.observe({
    datagram: (from: SimNode, to: Address, bytes: Uint8Array) => {
      const last = lastTo[from.index];
      if (bytes[0] !== PING || last === undefined) return;
      const ping = (pings[from.index] ?? 0) + 1;
      pings[from.index] = ping;
      greatest = Math.max(greatest, ping - (last.get(to) ?? 0));
      last.set(to, ping);
    },
  });
  cluster.run((WARM_UP_PERIODS + 4 * JITTER_MAX * nodes) * PERIOD_MS);
  for (const [prober, last] of lastTo.entries()) {
    if (last.size < nodes - 1) return Number.POSITIVE_INFINITY;
    // The pings since a member's last ping count as well.
    for (const ping of last.values()) greatest = Math.max(greatest, (pings[prober] ?? 0) - ping);
  }
  return greatest;
}

function phaseTrials(nodes: number, seed: number, rules: Rules, trials: number): number[] {
  const cluster = quietCluster(nodes, seed, rules, "random");
  const random = new Sfc32(seed, 0xe1);
  let victim: SimNode | null = null;
  let pingedAt = -1;
  cluster.observe({
    datagram: (from: SimNode, to: Address, bytes: Uint8Array) => {
      if (pingedAt >= 0 || victim === null || from === victim || to !== victim.address || bytes[0] !== PING) return;
      pingedAt = cluster.now;
    },
  });
  cluster.run(WARM_UP_PERIODS * PERIOD_MS);
  const periods: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    cluster.run(((rules.localHealth ? recoveryPeriods(nodes) : 2) + unit(random)) * PERIOD_MS);
    victim = cluster.node(below(random, nodes));
    pingedAt = -1;
    const cutAt = cluster.now;
    cluster.partition([[victim]]);
    cluster.runExactly(() => pingedAt >= 0, 10 * nodes * PERIOD_MS);
    periods.push((pingedAt - cutAt) / PERIOD_MS);
    victim = null;
    cluster.heal();
  }
  return periods;
}

/** A cluster without gossip and push/pulls: only probes send packets. */
function quietCluster(nodes: number, seed: number, rules: Rules, phases: "together" | "random"): SimCluster {
  const config = { probeIntervalMs: PERIOD_MS, gossipIntervalMs: 0, pushPullIntervalMs: 0 };
  return new SimCluster({ nodes, seed, rules, phases, config, streamPings: false, discovery: false });
}

function failures(cluster: SimCluster, except: SimNode): number {
  let sum = 0;
  for (const node of cluster.nodes) if (node !== except) sum += node.swim.counters.probesFailed;
  return sum;
}

/**
 * By a time t in a period, each of N-1 probers has had its turn with probability t, and has then drawn the victim with
 * probability 1/(N-1).
 */
function meanOfRandomOrder(nodes: number): number {
  const others = nodes - 1;
  const missed = 1 - 1 / others;
  const firstPeriod = (others / (others + 1)) * (1 - missed ** (others + 1));
  return firstPeriod / (1 - missed ** others);
}
