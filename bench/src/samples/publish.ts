import type { Cluster } from "hearsay";
import { testNetwork } from "hearsay/testing";
import { type Figure, tell } from "../figures.ts";
import { percentile } from "../rows.ts";

const NODES = 40;
const MESSAGES = 20;
/** Longer than any message is gossiped. */
const TOLD_MS = 5000;

/**
 * The time that a message of a channel, published with the defaults, takes to the last node of a pool, and its cost: on
 * virtual time, so that the same revision always gives the same figures.
 */
const network = await testNetwork({ nodes: NODES, seed: 7 });
await network.until(() => network.converged());
await network.advance("60s");
const originOf = (number: number): number => (number * 37) % NODES;
const heardAt: number[] = [];
// In older revisions the origin receives its own message, which doesn't count.
for (const [index, node] of network.nodes.entries()) {
  node.channel("bench").on(({ value }) => {
    if (index !== originOf((value as { number: number }).number)) heardAt.push(network.nowMs);
  });
}
const times: number[] = [];
const idle = await spent(network.nodes, () => network.advance(MESSAGES * TOLD_MS));
const used = await spent(network.nodes, async () => {
  for (let i = 0; i < MESSAGES; i++) {
    heardAt.length = 0;
    const start = network.nowMs;
    await network.nodes[originOf(i)]?.channel("bench").publish({ number: i });
    await network.advance(TOLD_MS);
    times.push((heardAt.length === NODES - 1 ? Math.max(...heardAt) : Number.POSITIVE_INFINITY) - start);
  }
});
await network.close();

const figure = (what: string, unit: string, value: number): Figure => {
  return { name: `${NODES} virtual nodes, a message published by default, ${what}`, unit, value };
};
tell([
  figure("time to the last node, median", "ms", percentile(times, 50)),
  figure("time to the last node, slowest", "ms", percentile(times, 100)),
  figure("packets for it", "packets", (used.datagrams - idle.datagrams) / MESSAGES),
  figure("rumors of it that were told to the end", "rumors", NODES - used.endedEarly / MESSAGES),
]);

/** The datagrams that all nodes send during `work`, and the rumors that they end early because receivers know them. */
async function spent(
  nodes: readonly Cluster[],
  work: () => Promise<void>,
): Promise<{ readonly datagrams: number; readonly endedEarly: number }> {
  const before = sums(nodes);
  await work();
  const after = sums(nodes);
  return { datagrams: after.datagrams - before.datagrams, endedEarly: after.endedEarly - before.endedEarly };
}

function sums(nodes: readonly Cluster[]): { readonly datagrams: number; readonly endedEarly: number } {
  const counters = nodes.map((node) => node.stats().counters);
  return {
    datagrams: counters.reduce((sum, { datagramsOut }) => sum + datagramsOut, 0),
    endedEarly: counters.reduce((sum, { rumorsKnown }) => sum + rumorsKnown, 0),
  };
}
