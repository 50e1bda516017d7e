import { type Benchmark, benchmarkOf, TICKS } from "./benchmarks.ts";
import type { Figure } from "./figures.ts";
import { goPeers } from "./go-costs.ts";
import { lossyPropagation } from "./lossy-propagation.ts";
import { MemberlistProcess } from "./memberlist-process.ts";
import { KEY, PINGED, type PingsRun, runPings } from "./pings-load.ts";
import type { Row } from "./rows.ts";
import { type Peers, rowsOf, SAMPLES, takeSample, valuesOf } from "./sampling.ts";
import { sliceSteps } from "./slice-steps.ts";

const QUICK_SAMPLES = 2;
const PEER_PINGS_MS = 1200;

/**
 * The rows of a benchmark's section in docs/design/benchmarks.md: medians over samples, and the figures beside them.
 */
export async function benchmarkRows(name: string, isQuick: boolean): Promise<Row[]> {
  const benchmark = benchmarkOf(name);
  const samples = isQuick ? QUICK_SAMPLES : benchmark.samples;
  switch (name) {
    case "micro":
      return micro(benchmark, samples, isQuick);
    case "pings":
      return pings(benchmark, samples);
    case "propagation":
      return [...(await propagation(benchmark, samples)), ...lossyPropagation(isQuick ? 200 : 3000)];
    case "slices":
      return [...(await plain(benchmark, samples)), ...sliceSteps(10_000, isQuick ? 8 : 20)];
    default:
      return plain(benchmark, samples);
  }
}

async function plain(benchmark: Benchmark, samples: number): Promise<Row[]> {
  const taken = await allVariants(benchmark, samples);
  return taken.flatMap((each) => rowsOf(benchmark.name, each));
}

/** Takes the samples of all variants, in turn. */
async function allVariants(benchmark: Benchmark, samples: number): Promise<Figure[][][]> {
  const taken = benchmark.variants.map((): Figure[][] => []);
  for (let i = 0; i < samples; i++) {
    for (const [index, variant] of benchmark.variants.entries()) {
      taken[index]?.push(await takeSample(SAMPLES, benchmark, variant));
    }
  }
  return taken;
}

async function micro(benchmark: Benchmark, samples: number, isQuick: boolean): Promise<Row[]> {
  const taken = await allVariants(benchmark, samples);
  const names = taken.flatMap((each) => (each[0] ?? []).map(({ name }) => name));
  const peers = await goPeers(names, isQuick);
  return taken.flatMap((each) => rowsOf(benchmark.name, each, peers));
}

/** Alternates with the reference's rule. */
async function propagation(benchmark: Benchmark, samples: number): Promise<Row[]> {
  const eager: Figure[][] = [];
  const ticks: Figure[][] = [];
  for (let i = 0; i < samples; i++) {
    for (const variant of benchmark.variants) eager.push(await takeSample(SAMPLES, benchmark, variant));
    ticks.push(await takeSample(SAMPLES, benchmark, TICKS));
  }
  const peers: Peers = new Map((ticks[0] ?? []).map(({ name }) => [name, valuesOf(ticks, name)]));
  return rowsOf(benchmark.name, eager, peers);
}

/** Alternates with memberlist on its defaults, if the Go peer has been built. */
async function pings(benchmark: Benchmark, samples: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const variant of benchmark.variants) {
    const key = variant.args.includes("encrypted") ? KEY : "";
    const peer = await MemberlistProcess.open(PINGED, key);
    const ours: Figure[][] = [];
    const theirs: PingsRun[] = [];
    for (let i = 0; i < samples; i++) {
      ours.push(await takeSample(SAMPLES, benchmark, variant));
      if (peer !== null) theirs.push(await runPings(peer.address, key, PEER_PINGS_MS, () => peer.cpuMicros()));
    }
    peer?.close();
    rows.push(...rowsOf(benchmark.name, ours, peersOf(ours[0] ?? [], theirs)));
  }
  return rows;
}

/** memberlist's runs by the names of the sample's figures: time by the clock and CPU. */
function peersOf(figures: readonly Figure[], runs: readonly PingsRun[]): Peers {
  const byClock = runs.map(({ micros, answers }) => micros / answers);
  const byCpu = runs.map(({ cpuMicros, answers }) => cpuMicros / answers);
  return new Map(figures.map(({ name }) => [name, name.endsWith("CPU") ? byCpu : byClock]));
}
