import { Sfc32 } from "@hearsay/core";
import { Layer, type LayerState, pushPullScaleMs } from "@hearsay/core/internal";
import { BroadcastCluster } from "./broadcast-run.ts";
import {
  type Expectation,
  type Experiment,
  type Finding,
  finding,
  type Size,
  seeds,
  sketched,
  within,
} from "./finding.ts";

const LOSS = 0.5;
const NONE = new Uint8Array(0);
const HEARD = Uint8Array.of(1);

/** How many nodes gossip leaves out, and how push/pull repairs it. */
export const residualMisses: Experiment = {
  id: "E6",
  title: "Gossip at 50 % loss: nodes that are never told, and their repair",
  method:
    "As E5 at 50 % loss, each cluster spreading ten messages one after another. The first number is the " +
    "share of messages that at least one node never hears of by gossip; least and greatest are the nodes left " +
    "out of one message. For the second, each cluster spreads messages until one leaves a node out. Each node " +
    "carries whether it has heard that one in a section of its push/pulls, which begin then; the run " +
    "goes on for two push/pull periods of that cluster size, and no node may be left out after it. Streams get " +
    "through the loss by retransmission. Rules `hearsay` use the eager lane.",
  run: (size) => (size === "quick" ? [30] : [30, 100, 1000]).flatMap((nodes) => ofSize(nodes, size)),
};

/** Share of messages that leave a node out, by number of nodes. */
const EXPECTED: Readonly<Record<number, number>> = { 30: 0.41, 100: 0.18, 1000: 0.3 };

/** The same for the shipped rules. */
const SHIPPED: Readonly<Record<number, number>> = { 30: 0.33, 100: 0.2, 1000: 0.26 };

/** The sketch's values where 600 messages here contradict them; the other values of `EXPECTED` are the sketch's. */
const SKETCHED: Readonly<Record<number, number>> = { 1000: 0.23 };

/** Messages that one cluster spreads, one after another. */
const MESSAGES = 10;
/** Messages within which one leaves a node out: if every fifth does, in all but one of a thousand million clusters. */
const SPREADS_MAX = 100;
const REPAIR_MS = 30_000;

function ofSize(nodes: number, size: Size): Finding[] {
  const [spreading, repairing] = size === "quick" ? [6, 5] : nodes > 100 ? [30, 5] : [100, 30];
  return (["hearsay", "memberlist"] as const).flatMap((rules) => [
    withoutRepair(nodes, rules, spreading),
    withRepair(nodes, rules, repairing),
  ]);
}

function withoutRepair(nodes: number, rules: "memberlist" | "hearsay", clusters: number): Finding {
  const samples = seeds(clusters).flatMap((seed) => {
    const run = new BroadcastCluster({ nodes, seed, rules });
    const random = new Sfc32(seed, 0xe6);
    return Array.from({ length: MESSAGES }, () => run.spreadAtRandom(random, LOSS).missed);
  });
  const runs = samples.length;
  const share = samples.filter((missed) => missed > 0).length / runs;
  return finding({
    setting: `N=${nodes}, no push/pull`,
    rules,
    metric: "messages with a node left out",
    expected: expectation(nodes, rules, runs),
    found: share,
    samples,
    runs: `${clusters} seeds x ${MESSAGES} messages`,
  });
}

/** The band is three standard deviations of the difference between two shares, each counted in `runs` messages. */
function expectation(nodes: number, rules: "memberlist" | "hearsay", runs: number): Expectation {
  const value = (rules === "hearsay" ? SHIPPED : EXPECTED)[nodes] ?? Number.NaN;
  const share = (3 * Math.sqrt((2 * value * (1 - value)) / runs)) / value;
  return rules === "hearsay" ? within(value, share, "measured here") : sketched(value, share, SKETCHED[nodes]);
}

function withRepair(nodes: number, rules: "memberlist" | "hearsay", runs: number): Finding {
  const repairs = seeds(runs).map((seed) => repair(nodes, rules, seed));
  const samples = repairs.map(({ after }) => after);
  const leastBefore = Math.min(...repairs.map(({ before }) => before));
  return finding({
    setting: `N=${nodes}, two push/pull periods later`,
    rules,
    metric: "messages with a node left out",
    expected: { value: 0, source: "promise", low: 0, high: 0 },
    found: samples.filter((missed) => missed > 0).length / runs,
    samples,
    runs: `${runs} seeds`,
    limit: { text: `${leastBefore} or more left out before`, holds: leastBefore > 0 },
  });
}

/** Sends in each push/pull whether its node has heard the message. */
class RepairLayer extends Layer {
  override readonly name = "repair";
  override readonly state: LayerState;

  constructor(hasHeard: () => boolean, hear: () => void) {
    super();
    this.state = {
      section: 1,
      local: () => (hasHeard() ? HEARD : NONE),
      merge: (_call, { length: end }) => {
        hear();
        return { end, rest: null };
      },
    };
  }
}

/**
 * Spreads messages until one leaves a node out. Returns how many nodes it left out, and how many are still left out two
 * push/pull periods later.
 */
function repair(nodes: number, rules: "memberlist" | "hearsay", seed: number): { before: number; after: number } {
  const holder: { run: BroadcastCluster | null; isRepairing: boolean } = { run: null, isRepairing: false };
  const run = new BroadcastCluster({
    nodes,
    seed,
    rules,
    config: { pushPullIntervalMs: REPAIR_MS },
    layers: (index) => [
      new RepairLayer(
        () => holder.isRepairing && (holder.run?.hasHeard(index) ?? false),
        () => holder.run?.hear(index),
      ),
    ],
  });
  holder.run = run;
  const random = new Sfc32(seed, 0xe6);
  let before = 0;
  for (let message = 0; message < SPREADS_MAX && before === 0; message++) {
    before = run.spreadAtRandom(random, LOSS).missed;
  }
  holder.isRepairing = true;
  run.cluster.run(2 * pushPullScaleMs(REPAIR_MS, nodes));
  return { before, after: run.result().missed };
}
