import { BroadcastCluster } from "@hearsay/testkit/experiments/broadcast-run";
import { percentile, type Row, row } from "./rows.ts";

const NODES = 100;

/**
 * The loss of reach by the eager lane in a lossy network: the same broadcasts on virtual time with the lane and without
 * it, seed by seed. Only gossip spreads them: there are no push/pulls and no probes.
 */
export function lossyPropagation(broadcasts: number): Row[] {
  return [0.1, 0.25].flatMap((loss) => {
    const eager = measure(loss, broadcasts, true);
    const ticks = measure(loss, broadcasts, false);
    const name = (what: string): string => `${NODES} virtual nodes, ${loss * 100} % loss, ${what}`;
    return [
      row("propagation", name("nodes missed by gossip, in all"), "nodes", [eager.missed], [ticks.missed]),
      row("propagation", name("time to the last node, median"), "ms", eager.last, ticks.last),
      row(
        "propagation",
        name("last node, 99th percentile"),
        "ms",
        [percentile(eager.last, 99)],
        [percentile(ticks.last, 99)],
      ),
    ];
  });
}

function measure(loss: number, broadcasts: number, isEager: boolean): { missed: number; last: number[] } {
  const config = isEager ? {} : { eagerPacketsPerSecond: 0 };
  let missed = 0;
  const last: number[] = [];
  for (let seed = 1; seed <= broadcasts / 10; seed++) {
    const cluster = new BroadcastCluster({ nodes: NODES, seed, rules: "hearsay", config });
    for (let i = 0; i < 10; i++) {
      const spread = cluster.spread((seed * 7 + i * 13) % NODES, loss);
      missed += spread.missed;
      last.push(Math.max(...spread.times));
    }
  }
  return { missed, last };
}
