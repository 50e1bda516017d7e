import type { Cluster } from "hearsay";
import { closePool, converged, datagrams, openPool, quiet, rest } from "./pool.ts";
import { percentile, type Row, row } from "./rows.ts";

/** What a broadcast that never reached somebody counts as. */
const MISSED_MS = 10_000;
/** Packets are counted for this long after each broadcast. */
const COUNTED_MS = 5000;

interface Sample {
  readonly half: number;
  readonly ninetyNine: number;
  readonly last: number;
  readonly packets: number;
}

/**
 * How long an urgent broadcast takes to reach the nodes of a pool on real loopback sockets, LAN preset, with the eager
 * lane and without it (which is the reference's rule: wait for the tick).
 */
export async function propagation(size: number, broadcasts: number): Promise<Row[]> {
  const eager = await measure(size, broadcasts, {});
  const ticks = await measure(size, broadcasts, { eagerPacketsPerSecond: 0 });
  const of = (samples: readonly Sample[], pick: (sample: Sample) => number): number[] => samples.map(pick);
  const name = (what: string): string => `${size} nodes, ${what}`;
  const pair = (what: string, unit: string, pick: (sample: Sample) => number): Row =>
    row("propagation", name(what), unit, of(eager, pick), of(ticks, pick));
  const p90 = (samples: readonly Sample[]): number[] => [
    percentile(
      of(samples, (sample) => sample.last),
      90,
    ),
  ];
  return [
    pair("time to half of the nodes", "ms", (sample) => sample.half),
    pair("time to 99 % of the nodes", "ms", (sample) => sample.ninetyNine),
    pair("time to the last node, median", "ms", (sample) => sample.last),
    row("propagation", name("time to the last node, 90th percentile"), "ms", p90(eager), p90(ticks)),
    pair("packets in the 5 s after it", "packets", (sample) => sample.packets),
    row(
      "propagation",
      name("broadcasts that missed a node for 10 s"),
      "",
      [eager.filter(({ last }) => last >= MISSED_MS).length],
      [ticks.filter(({ last }) => last >= MISSED_MS).length],
    ),
  ];
}

async function measure(
  size: number,
  broadcasts: number,
  timings: { eagerPacketsPerSecond?: number },
): Promise<Sample[]> {
  const pool = await openPool(size, { timings });
  await converged(pool, performance.now(), 60_000);
  const arrivals = listen(pool);
  const samples: Sample[] = [];
  for (let i = 0; i < broadcasts; i++) {
    await quiet(pool);
    samples.push(await broadcast(pool, (i * 37) % size, i, arrivals));
  }
  await closePool(pool);
  return samples;
}

/** Every message's arrival times, by its number. */
function listen(pool: readonly Cluster[]): Map<number, number[]> {
  const arrivals = new Map<number, number[]>();
  for (const node of pool) {
    node.channel<{ number: number; pad: string }>("bench").on(({ value }) => {
      arrivals.get(value.number)?.push(performance.now());
    });
  }
  return arrivals;
}

async function broadcast(
  pool: readonly Cluster[],
  origin: number,
  number: number,
  arrivals: Map<number, number[]>,
): Promise<Sample> {
  const times: number[] = [];
  arrivals.set(number, times);
  const packets = datagrams(pool);
  const start = performance.now();
  await pool[origin]?.channel("bench").publish({ number, pad: "x".repeat(64) }, { urgency: "now" });
  await rest(COUNTED_MS);
  const sent = datagrams(pool) - packets;
  while (times.length < pool.length - 1 && performance.now() - start < MISSED_MS) await rest(20);
  const all = [0, ...times.map((time) => time - start)];
  while (all.length < pool.length) all.push(MISSED_MS);
  return {
    half: percentile(all, 50),
    ninetyNine: percentile(all, 99),
    last: percentile(all, 100),
    packets: sent,
  };
}
