import { readFileSync } from "node:fs";
import { newCoordinate } from "@hearsay/core/serf";
import { CoordinateRun, seeded } from "./coordinate-run.ts";
import { type Experiment, type Finding, finding, type Size, seeds, within } from "./finding.ts";
import { type Chance, GoRandom } from "./go-random.ts";
import { mean, median } from "./statistics.ts";
import { bentSquare, circle, grid, line, ofPairs, type RoundTrips, random, split } from "./topologies.ts";

/** Whether coordinates reproduce known round-trip times. */
export const vivaldi: Experiment = {
  id: "E16",
  title: "Vivaldi: network coordinates in six topologies",
  method:
    "The six topologies of Serf's own tests, with their sizes, their bounds, and first with their very draws of Go's " +
    "math/rand, seed 1: those rows must give what Serf 0.10.2 gives, and hold its bounds. The bounds are close to that one " +
    "run, in both programs other seeds exceed some of them; the rows over several seeds are compared with the medians of " +
    "200 seeds of Serf's code instead. In each cycle every node in turn measures the round-trip time to one random node; if " +
    "that is itself, its turn passes. After 1,000 cycles the estimates of all pairs are compared with the truth: |estimate - " +
    "truth| / truth. Circle and drift have two dimensions, the others eight. In the circle the first node is as far from " +
    "all others as two radii, so that it must come to lie above their plane: the heights are shares of the radius. Drift " +
    "starts away from the origin, with times that fit no plane; its number is the distance of the middle of all " +
    "nodes from the origin after 11,000 cycles, as a share of what it was after 1,000.",
  run: (size) => TOPOLOGIES.flatMap((topology) => ofTopology(topology, size)),
};

/** What one run gives, by metric. */
type Outcome = Readonly<Partial<Record<Metric, number>>>;
type Metric = keyof typeof METRICS;

const METRICS = {
  mean: "mean error",
  greatest: "greatest error",
  firstHeight: "height of the first",
  otherHeight: "greatest other height",
  share: "distance of the middle",
} as const;

interface Topology {
  readonly name: "line" | "grid" | "split" | "circle" | "random" | "drift";
  readonly setting: string;
  readonly run: (chance: Chance, reference?: Reference) => Outcome;
  /** Serf's bounds: a lower one for `firstHeight`, upper ones for the others. */
  readonly bounds: Outcome;
}

/** Results of Serf's own code (fixtures/serf-coordinates.json). */
interface Reference {
  readonly goRandom: readonly string[];
  readonly randomNs: readonly number[];
  readonly seedOne: Readonly<Record<Topology["name"], Outcome>>;
  readonly medians: Readonly<Record<Topology["name"], Outcome>>;
}

const CYCLES = 1000;
const DRIFT_CYCLES = 10_000;
const RADIUS_MS = 100;

const TOPOLOGIES: readonly Topology[] = [
  {
    name: "line",
    setting: "line of 10, 10 ms apart",
    run: (chance) => errorsIn(new CoordinateRun(line(10, 10), 8, chance)),
    bounds: { mean: 0.0031, greatest: 0.013 },
  },
  {
    name: "grid",
    setting: "grid of 25, 10 ms apart",
    run: (chance) => errorsIn(new CoordinateRun(grid(25, 10), 8, chance)),
    bounds: { mean: 0.0016, greatest: 0.023 },
  },
  {
    name: "split",
    setting: "two sites, 25 nodes, 1 and 11 ms",
    run: (chance) => errorsIn(new CoordinateRun(split(25, 1, 10), 8, chance)),
    bounds: { mean: 0.00006, greatest: 0.00048 },
  },
  {
    name: "circle",
    setting: "circle of 25, radius 100 ms",
    run: inCircle,
    bounds: { mean: 0.0028, greatest: 0.064, firstHeight: 0.97, otherHeight: 0.03 },
  },
  {
    name: "random",
    setting: "random, 25 nodes, 100 ms ± 10 ms",
    run: (chance, reference) => errorsIn(new CoordinateRun(randomTimes(chance, reference), 8, chance)),
    bounds: { mean: 0.075, greatest: 0.33 },
  },
  { name: "drift", setting: "drift of 4, 500 ms apart", run: inDrift, bounds: { share: 0.8 } },
];

function ofTopology(topology: Topology, size: Size): Finding[] {
  const reference = readReference();
  const again = topology.run(new GoRandom(reference.goRandom), reference);
  const findings = metricsOf(again).map(([metric, found]) => sameRun(topology, metric, found, reference));
  if (size === "quick") return findings;
  const outcomes = seeds(30).map((seed) => topology.run(seeded(seed)));
  return [...findings, ...metricsOf(again).map(([metric]) => otherRuns(topology, metric, outcomes, reference))];
}

/**
 * Repeats the reference's own run, which must give the same result. Random directions are rounded to 32 bits here; even
 * that shows in the split topology, where the remaining errors are a few hundred nanoseconds.
 */
function sameRun({ name, setting, bounds }: Topology, metric: Metric, found: number, reference: Reference): Finding {
  const bound = bounds[metric] ?? Number.NaN;
  const isLower = metric === "firstHeight";
  return finding({
    setting,
    rules: "serf",
    metric: METRICS[metric],
    expected: within(reference.seedOne[name][metric] ?? Number.NaN, name === "split" ? 0.5 : 0.001, "reference"),
    found,
    samples: [found],
    runs: "Go's seed 1",
    limit: { text: `${isLower ? ">=" : "<="} ${bound}`, holds: isLower ? found >= bound : found <= bound },
  });
}

/** Medians of 30 runs, compared with medians of 200; the errors have long tails, hence the wide band. */
function otherRuns({ name, setting }: Topology, metric: Metric, all: readonly Outcome[], from: Reference): Finding {
  const samples = all.map((outcome) => outcome[metric] ?? Number.NaN);
  return finding({
    setting,
    rules: "serf",
    metric: METRICS[metric],
    expected: within(from.medians[name][metric] ?? Number.NaN, 0.4, "reference"),
    found: median(samples),
    samples,
    runs: `median of ${samples.length} seeds`,
  });
}

function errorsIn(run: CoordinateRun): Outcome {
  run.cycle(CYCLES);
  const errors = run.errors();
  return { mean: mean(errors), greatest: Math.max(...errors) };
}

function inCircle(chance: Chance): Outcome {
  const run = new CoordinateRun(circle(25, RADIUS_MS), 2, chance);
  const errors = errorsIn(run);
  const [first = Number.NaN, ...others] = run.coordinates.map(({ height }) => (height * 1000) / RADIUS_MS);
  return { ...errors, firstHeight: first, otherHeight: Math.max(...others) };
}

/** Serf's test starts two of the four nodes in one corner. */
function inDrift(chance: Chance, reference?: Reference): Outcome {
  const corners = [
    [0, 0],
    [0, 0.5],
    [0.5, 0.5],
    [0.5, 0.5],
  ];
  const starts = corners.map((vec) => ({ ...newCoordinate(2), vec }));
  const run = new CoordinateRun(bentSquare(500), 2, chance, starts);
  run.cycle(CYCLES);
  const before = run.middleDistance();
  // The reference reseeds its generator for each simulation.
  run.cycle(DRIFT_CYCLES, reference === undefined ? chance : new GoRandom(reference.goRandom));
  return { share: run.middleDistance() / before };
}

function randomTimes(chance: Chance, reference: Reference | undefined): RoundTrips {
  return reference === undefined ? random(25, 100, 10, chance) : ofPairs(25, reference.randomNs);
}

function metricsOf(outcome: Outcome): [Metric, number][] {
  return (Object.keys(METRICS) as Metric[]).flatMap((metric): [Metric, number][] => {
    const value = outcome[metric];
    return value === undefined ? [] : [[metric, value]];
  });
}

function readReference(): Reference {
  return JSON.parse(readFileSync(new URL("../../fixtures/serf-coordinates.json", import.meta.url), "utf8"));
}
