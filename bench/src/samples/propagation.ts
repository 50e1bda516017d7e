import type { Cluster } from "hearsay";
import { cpuStopwatch } from "../cpu-time.ts";
import { type Figure, tell } from "../figures.ts";
import { closePool, converged, datagrams, openPool, quiet, rest, type Talk } from "../pool.ts";
import { percentile } from "../rows.ts";

const NODES = 100;
const BROADCASTS = 5;
/** The time that counts for a node that a broadcast never reached. */
const MISSED_MS = 10_000;
/** Packets and processor time are counted for this long from each broadcast on. */
const COUNTED_MS = 500;

interface Spread {
  readonly half: number;
  readonly ninetyNine: number;
  readonly last: number;
  readonly packets: number;
  readonly cpuMs: number;
}

/**
 * The time that an urgent broadcast takes to reach the nodes of a pool on real loopback sockets, LAN preset: with the
 * eager lane, or with `ticks` without it. The latter is the reference's rule: wait for the tick.
 */
async function sample(lane: string): Promise<Figure[]> {
  const pool = await openPool(NODES, lane === "ticks" ? { timings: { eagerPacketsPerSecond: 0 } } : {});
  await converged(pool, performance.now(), 60_000);
  await quiet(pool);
  const arrivals = listen(pool);
  const spreads: Spread[] = [];
  for (let i = 0; i < BROADCASTS; i++) spreads.push(await broadcast(pool, i, arrivals));
  await closePool(pool);
  const figure = (what: string, unit: string, pick: (spread: Spread) => number, percent = 50): Figure => {
    const name = `${NODES} nodes, ${BROADCASTS} broadcasts, ${what}`;
    return { name, unit, value: percentile(spreads.map(pick), percent) };
  };
  return [
    figure("time to half of the nodes, median", "ms", ({ half }) => half),
    figure("time to 99 % of the nodes, median", "ms", ({ ninetyNine }) => ninetyNine),
    figure("time to the last node, median", "ms", ({ last }) => last),
    figure("time to the last node, slowest", "ms", ({ last }) => last, 100),
    figure(`packets in the ${COUNTED_MS} ms after it, median`, "packets", ({ packets }) => packets),
    figure(`CPU in the ${COUNTED_MS} ms after it, median`, "ms", ({ cpuMs }) => cpuMs),
  ];
}

/** The node that sends a broadcast. */
function originOf(number: number): number {
  return (number * 37) % NODES;
}

/** The arrival times of every message, by its number. */
function listen(pool: readonly Cluster<Talk>[]): Map<number, number[]> {
  const arrivals = new Map<number, number[]>();
  for (const [index, node] of pool.entries()) {
    node.channel("bench").on(({ value }) => {
      // In older revisions the origin receives its own message, which doesn't count.
      if (index !== originOf(value.number)) arrivals.get(value.number)?.push(performance.now());
    });
  }
  return arrivals;
}

async function broadcast(
  pool: readonly Cluster<Talk>[],
  number: number,
  arrivals: Map<number, number[]>,
): Promise<Spread> {
  const times: number[] = [];
  arrivals.set(number, times);
  const packets = datagrams(pool);
  const used = cpuStopwatch();
  const start = performance.now();
  await pool[originOf(number)]?.channel("bench").publish({ number, pad: "x".repeat(64) }, { urgency: "now" });
  await rest(COUNTED_MS);
  const sent = datagrams(pool) - packets;
  const cpuMs = used();
  while (times.length < pool.length - 1 && performance.now() - start < MISSED_MS) await rest(20);
  const all = [0, ...times.map((time) => time - start)];
  while (all.length < pool.length) all.push(MISSED_MS);
  return {
    half: percentile(all, 50),
    ninetyNine: percentile(all, 99),
    last: percentile(all, 100),
    packets: sent,
    cpuMs,
  };
}

tell(await sample(process.argv[2] ?? "eager"));
