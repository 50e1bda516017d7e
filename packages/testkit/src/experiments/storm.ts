import { presetConfig } from "@hearsay/core";
import type { RulesName } from "@hearsay/core/internal";
import { type Experiment, type Finding, finding, seeds } from "./finding.ts";
import { median, quantile } from "./statistics.ts";
import { stormResults } from "./storm-results.ts";
import type { StormOptions, StormResult } from "./storm-run.ts";

/** News of every kind at once, more than in an ordinary week. */
export const storm: Experiment = {
  id: "E20",
  title: "A storm of events, arrivals and departures",
  method:
    "Serf on every node, the LAN settings. For a minute there are 20 user events a second, each from a random node, and " +
    "50 nodes a second that leave or come back, from among three in ten; every 3 s one of the others is killed, and one " +
    "is paused for 6 s, which gets it suspected. Reached: of all pairs of an event and a node alive " +
    "throughout. Spread of a failure: from the first node that holds a killed one failed to each. Refutation: from a " +
    "paused node's going on to each that holds it alive again. `calm` is the same without events, arrivals and " +
    "departures: the storm's 99th percentiles may exceed its by a gossip interval at most, and by a tenth where they hold " +
    "whole detections. " +
    "The budget of a node and second: gossipNodes packets of 1400 bytes each gossip interval, and what the eager lane's " +
    "bucket holds and gets. All datagrams count against it, probes and acks as well.",
  run: (size) => (size === "quick" ? ofSize(60, 12_000, 2) : ofSize(1000, 60_000, 5)),
};

const PACKET_BYTES = 1400;
/** Least percentage of pairs of an event and a node in which the node has to hear the event. */
const REACHED_MIN = 99;
/** Runs with the reference's rules, for comparison only. */
const REFERENCE_RUNS = 1;
const LAN = presetConfig("lan");
const EAGER_PACKETS_MAX = LAN.eagerPacketsPerSecond + LAN.eagerBurst;
const BYTES_MAX = PACKET_BYTES * ((LAN.gossipNodes * 1000) / LAN.gossipIntervalMs + EAGER_PACKETS_MAX);

/** The fields of a row besides its number. */
type Common = Pick<Finding, "setting" | "rules" | "runs">;

async function ofSize(nodes: number, stormMs: number, runs: number): Promise<Finding[]> {
  const storms = (rules: RulesName, isStormy: boolean, count: number): StormOptions[] =>
    seeds(count).map((seed) => ({ nodes, seed, rules, isStormy, stormMs }));
  const referenceRuns = Math.min(runs, REFERENCE_RUNS);
  // The longest runs come first, so that the processors finish at about the same time.
  const results = await stormResults([
    ...storms("memberlist", true, referenceRuns),
    ...storms("hearsay", true, runs),
    ...storms("hearsay", false, runs),
  ]);
  const kind = (rules: RulesName, isStormy: boolean, count: number): Kind => {
    const setting = `N=${nodes}, ${isStormy ? "storm" : "calm"}`;
    return { common: { setting, rules, runs: `${count} seeds` }, results: results.splice(0, count) };
  };
  const reference = kind("memberlist", true, referenceRuns);
  const stormy = kind("hearsay", true, runs);
  const calm = kind("hearsay", false, runs);
  return [
    ...detectionRows(calm, null),
    ...eventRows(stormy, true),
    ...detectionRows(stormy, calm.results),
    ...loadRows(stormy),
    // The reference's rules are shown, not judged.
    ...eventRows(reference, false),
    ...detectionRows(reference, null),
  ];
}

/** Runs of one kind. */
interface Kind {
  readonly common: Common;
  readonly results: readonly StormResult[];
}

type Measure = (result: StormResult) => number;

function row({ common, results }: Kind, metric: string, of: Measure, band: readonly [number, number] | null): Finding {
  const samples = results.map(of);
  const expected = band && ({ value: band[1], source: "promise", low: band[0], high: band[1] } as const);
  return finding({ ...common, metric, samples, found: median(samples), expected });
}

/** A row in which every run must stay within the limit. */
function bounded(kind: Kind, metric: string, of: Measure, max: number): Finding {
  const worst = Math.max(...kind.results.map(of));
  const limit = { text: `${worst.toFixed(0)} <= ${max.toFixed(0)}`, holds: worst <= max };
  return { ...row(kind, metric, of, null), limit, isPassed: limit.holds };
}

function eventRows(kind: Kind, isJudged: boolean): Finding[] {
  return [
    row(kind, "share of their class that events need, %", ({ shareTaken }) => shareTaken, isJudged ? [0, 100] : null),
    row(kind, "events reached, %", ({ reached }) => reached, isJudged ? [REACHED_MIN, 100] : null),
    row(kind, "within 2 s, %", ({ reachedWithin2s }) => reachedWithin2s, isJudged ? [REACHED_MIN, 100] : null),
    row(kind, "events heard twice", ({ heardTwice }) => heardTwice, isJudged ? [0, 0] : null),
  ];
}

/** With `calm`, the rows are judged against it. */
function detectionRows(kind: Kind, calm: readonly StormResult[] | null): Finding[] {
  const p99 = (metric: string, of: (result: StormResult) => readonly number[]): Finding => {
    const measure: Measure = (result) => quantile(of(result), 0.99);
    const high = calm && median(calm.map(measure)) + LAN.gossipIntervalMs;
    return row(kind, metric, measure, high === null ? null : [0, high]);
  };
  const fromCrash: Measure = ({ failures }) => quantile(failures, 0.99);
  const latest = calm && median(calm.map(fromCrash));
  const falseFailures: Measure = (result) => result.falseFailures;
  return [
    p99("p99 of a failure's spread, ms", ({ failureSpread }) => failureSpread),
    p99("p99 of a refutation, ms", ({ refutations }) => refutations),
    row(kind, "p99 from a crash to failed, ms", fromCrash, latest === null ? null : [0, latest * 1.1]),
    row(kind, "times a live node was held failed", falseFailures, calm === null ? null : [0, 0]),
  ];
}

function loadRows(kind: Kind): Finding[] {
  const overfull = kind.results.find((result) => result.overfull !== null)?.overfull ?? null;
  const rumors = row(kind, "most rumors held by a node", ({ rumorsMax }) => rumorsMax, null);
  const limit = { text: overfull ?? "nothing past its bound", holds: overfull === null };
  return [
    row(kind, "bytes a node sends in a second, mean", ({ bytesMean }) => bytesMean, null),
    bounded(kind, "bytes a node sends in a second, most", ({ bytesMax }) => bytesMax, BYTES_MAX),
    bounded(
      kind,
      "eager packets of a node in a second, most",
      ({ eagerPacketsMax }) => eagerPacketsMax,
      EAGER_PACKETS_MAX,
    ),
    { ...rumors, limit, isPassed: limit.holds },
  ];
}
