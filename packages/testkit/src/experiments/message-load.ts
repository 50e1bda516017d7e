import { SimCluster } from "../cluster/sim-cluster.ts";
import { type Experiment, type Finding, finding, type Size, seeds, within } from "./finding.ts";
import { median } from "./statistics.ts";

const WARM_UP_MS = 30_000;

/** How much a node sends while nothing happens. */
export const messageLoad: Experiment = {
  id: "E2",
  title: "Message load without faults",
  method:
    "A cluster whose news is all told; then every datagram that a node sends is counted, in periods of one " +
    "second. Expected: one ping and one ack, whatever the size of the cluster (the paper measured about 2.0 " +
    "up to 55 members). The slope is the largest cluster's load over the smallest one's. Rules `hearsay` " +
    "are what is shipped: they jitter their periods by a tenth, with the same mean.",
  run: (size) => [...loads("hearsay", size), ...loads("swim", size)],
};

function loads(rules: "swim" | "hearsay", size: Size): Finding[] {
  const sizes = size === "quick" ? [10, 100] : [10, 30, 100, 300, 1000];
  const runs = size === "quick" ? 3 : 30;
  const periods = 60;
  const medians: number[] = [];
  const findings = sizes.map((nodes) => {
    const samples = seeds(runs).map((seed) => load(nodes, seed, rules, periods));
    medians.push(median(samples));
    return finding({
      setting: `N=${nodes}`,
      rules,
      metric: "datagrams per node and period",
      expected: within(2, 0.05, "paper"),
      found: median(samples),
      samples,
      runs: `${runs} seeds x ${periods} periods`,
    });
  });
  const slope = (medians.at(-1) ?? 0) / (medians[0] ?? 1);
  findings.push(
    finding({
      setting: `N=${sizes[0]} to ${sizes.at(-1)}`,
      rules,
      metric: "slope",
      expected: within(1, 0.01, "paper"),
      found: slope,
      samples: [slope],
      runs: `${runs} seeds`,
    }),
  );
  return findings;
}

function load(nodes: number, seed: number, rules: "swim" | "hearsay", periods: number): number {
  const cluster = new SimCluster({ nodes, seed, rules, config: { pushPullIntervalMs: 0 }, discovery: false });
  cluster.run(WARM_UP_MS);
  let sent = 0;
  cluster.observe({ datagram: () => sent++ });
  cluster.run(periods * cluster.config.probeIntervalMs);
  return sent / (nodes * periods);
}
