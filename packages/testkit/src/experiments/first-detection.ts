import { type Address, below, Sfc32, unit } from "@hearsay/core";
import { RULES, type Rules } from "@hearsay/core/internal";
import { PING } from "@hearsay/core/wire";
import { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimNode } from "../cluster/sim-node.ts";
import { type Experiment, type Finding, finding, type Size, seeds, within } from "./finding.ts";
import { mean, quantile } from "./statistics.ts";

const PERIOD_MS = 1000;
/** Until then every node's news of its own start has spent its transmissions, and pings go alone. */
const WARM_UP_PERIODS = 20;

/** SWIM's choice of targets. Failures are only counted, so that one cluster serves many trials. */
const RANDOM_ORDER: Rules = { ...RULES.swim, verdict: "count" };
const ROUND_ROBIN: Rules = { ...RULES.swim, verdict: "count", probeOrder: "round-robin" };

/** Every node probes at the same instants: how many whole periods until somebody finds out. */
export const firstDetectionInLockStep: Experiment = {
  id: "E1",
  title: "SWIM: time to first detection, all nodes in lock step",
  method:
    "All nodes start at the same instant with a source of chance that gives zero while they start, which puts " +
    "the first probe of each at that instant; periods are not jittered, so they stay together. In the middle " +
    "of a period one random node is cut off from all others. A trial counts the whole periods until the first " +
    "probe of it has failed. Rules: SWIM's with random targets, failures counted and not told. Expected: " +
    "1/(1-(1-1/(N-1))^(N-1)), which the paper gives as e/(e-1) for large N.",
  run: (size) => (size === "quick" ? [8, 56] : [8, 28, 56, 1000]).map((nodes) => lockStep(nodes, size)),
};

/** The same where each node has a phase of its own, as real ones have. */
export const firstDetectionInPhases: Experiment = {
  id: "E1b",
  title: "SWIM: time to first detection, random phases",
  method:
    "As E1, but each node's probes start at a random point of the period and the cut comes at a random " +
    "moment. A trial is the time from the cut until the first ping to the victim leaves, in periods. `random` " +
    "draws each target from all others; `round robin` walks through a shuffled list, for which no gap may " +
    "exceed 2N-1 periods. Expected for random targets: the integral of the chance that nobody has drawn the " +
    "victim yet; for round robin: (N-1)/N, each prober being at a random point of its list.",
  run: (size) =>
    (size === "quick" ? [8, 56] : [8, 56, 1000]).flatMap((nodes) => [
      ...inPhases(nodes, RANDOM_ORDER, size),
      ...inPhases(nodes, ROUND_ROBIN, size),
    ]),
};

/** Seeds, and trials in each. A period of 1000 nodes costs as much as one of 56 eighteen times. */
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

function lockStepTrials(nodes: number, seed: number, trials: number): number[] {
  const cluster = quietCluster(nodes, seed, RANDOM_ORDER, "together");
  const random = new Sfc32(seed, 0xe1);
  const periods: number[] = [];
  // Stand in the middle of a period, when all answers of it are long in.
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
    // Probes of the victim that were under way have failed, too, before the next trial begins.
    cluster.run(PERIOD_MS);
  }
  return periods;
}

function inPhases(nodes: number, rules: Rules, size: Size): Finding[] {
  const [runs, trials] = extent(nodes, size);
  const isRandom = rules.probeOrder === "random";
  const samples = seeds(runs).map((seed) => phaseTrials(nodes, seed, rules, trials));
  const all = samples.flat();
  const longest = Math.max(...all);
  const bound = 2 * nodes - 1;
  const common = {
    setting: `N=${nodes}, ${isRandom ? "random" : "round robin"}`,
    rules: "swim",
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
      ...(isRandom ? {} : { limit: { text: `${longest.toFixed(1)} <= ${bound}`, holds: longest <= bound } }),
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
    cluster.run((2 + unit(random)) * PERIOD_MS);
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

/** Nobody but the probes says anything. */
function quietCluster(nodes: number, seed: number, rules: Rules, phases: "together" | "random"): SimCluster {
  const config = { probeIntervalMs: PERIOD_MS, gossipIntervalMs: 0, pushPullIntervalMs: 0 };
  return new SimCluster({ nodes, seed, rules, phases, config, streamPings: false, discovery: false });
}

function failures(cluster: SimCluster, except: SimNode): number {
  let sum = 0;
  for (const node of cluster.nodes) if (node !== except) sum += node.swim.counters.probesFailed;
  return sum;
}

/** Within a period each of N-1 probers has come by a time t with chance t and then drawn the victim with 1/(N-1). */
function meanOfRandomOrder(nodes: number): number {
  const others = nodes - 1;
  const missed = 1 - 1 / others;
  const firstPeriod = (others / (others + 1)) * (1 - missed ** (others + 1));
  return firstPeriod / (1 - missed ** others);
}
