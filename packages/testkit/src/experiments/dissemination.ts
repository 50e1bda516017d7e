import { Sfc32 } from "@hearsay/core";
import { BroadcastCluster, type Spread } from "./broadcast-run.ts";
import { type Expectation, type Experiment, type Finding, finding, type Size, seeds, sketched } from "./finding.ts";
import { serfModelMs } from "./serf-model.ts";
import { median } from "./statistics.ts";

const SHARES = [0.5, 0.99, 1] as const;

/** How fast one message spreads in a LAN. */
export const dissemination: Experiment = {
  id: "E5",
  title: "Gossip: how fast a message spreads",
  method:
    "One application message from a random node at a random moment; whoever hears it for the first time tells " +
    "it on. Fan-out 3 every 200 ms, 4·⌈log10(N+1)⌉ transmissions, one way 0.3 to 0.7 ms, full views, probing " +
    "off so that nothing but gossip carries the message. t50, t99 and t100 are when half, 99 % and the last " +
    "of those who ever hear it have heard it; the found value is the median over the seeds. The limit is " +
    "Serf's published model for 99.99 %, which must be above every single run at 0 and 25 % loss; and no message " +
    "may leave out anybody where nothing is lost, 1 % of the nodes at 25 % loss, or 5 % at 50 % (E6 has how many it " +
    "leaves out). Rules " +
    "`memberlist` wait for their ticks as the reference does. Rules `hearsay` are what is shipped, with the eager lane: " +
    "what they may take at the most is what they took when the rows were made, and a share of it; where the ticks " +
    "may have to help or not, for 99 % at a loss of 25 % and for half at 50 %, runs differ too much to be judged. At N=10,000 one cluster is built and spreads one message after " +
    "another, since the building takes most of the time; smaller ones are built anew for each seed.",
  run: (size) => (size === "quick" ? [100] : [100, 1000, 10_000]).flatMap((nodes) => ofSize(nodes, size)),
};

/** Milliseconds by nodes and loss; each for half of the nodes, 99 % and all. */
const EXPECTED: Readonly<Record<string, readonly [number, number, number]>> = {
  "100/0": [336, 612, 666],
  "100/0.25": [447, 799, 896],
  "100/0.5": [661, 1212, 1371],
  "1000/0": [514, 813, 1026],
  "1000/0.25": [663, 1060, 1334],
  "1000/0.5": [986, 1578, 1983],
  "10000/0": [657, 974, 1316],
  "10000/0.25": [874, 1277, 1764],
  "10000/0.5": [1254, 1880, 2470],
};

/** The sketch's values where the runs here contradict them; the other values of `EXPECTED` are the sketch's. */
const SKETCHED: Readonly<Record<string, number>> = { "10000/0.5/1": 3311 };

/** The same for the shipped rules, measured here; null where runs differ too much. */
const SHIPPED: Readonly<Record<string, readonly (number | null)[]>> = {
  "100/0": [1.6, 2.5, 2.6],
  "100/0.25": [2, null, 141],
  "100/0.5": [null, 249, 353],
  "1000/0": [2.4, 3.4, 3.9],
  "1000/0.25": [3, null, 325],
  "1000/0.5": [null, 357, 685],
  "10000/0": [3.2, 4.2, 5],
  "10000/0.25": [4, null, 592],
  "10000/0.5": [null, 355, 955],
};

function ofSize(nodes: number, size: Size): Finding[] {
  const runs = nodes > 1000 ? 10 : size === "quick" ? 9 : 30;
  return (["hearsay", "memberlist"] as const).flatMap((rules) => {
    const shared = nodes > 1000 ? new BroadcastCluster({ nodes, seed: 1, rules }) : null;
    return [0, 0.25, 0.5].flatMap((loss) => {
      const spreads = seeds(runs).map((seed) => {
        const run = shared ?? new BroadcastCluster({ nodes, seed, rules });
        return run.spreadAtRandom(new Sfc32(seed, 0xe5), loss);
      });
      return SHARES.map((share, index) => toFinding({ nodes, loss, rules, spreads, share, index, size }));
    });
  });
}

interface SpreadSet {
  readonly nodes: number;
  readonly loss: number;
  readonly rules: "memberlist" | "hearsay";
  readonly spreads: readonly Spread[];
  readonly share: number;
  readonly index: number;
  readonly size: Size;
}

function toFinding({ nodes, loss, rules, spreads, share, index, size }: SpreadSet): Finding {
  const samples = spreads.map(({ times }) => timeOf(times, nodes, share));
  return finding({
    setting: `N=${nodes}, loss ${loss * 100} %`,
    rules,
    metric: `t${share * 100} in ms`,
    expected: rules === "memberlist" ? expectation(nodes, loss, index, size) : shipped(nodes, loss, index, size),
    found: median(samples),
    samples,
    runs: `${spreads.length} seeds`,
    ...(share === 1 ? { limit: limitOf(nodes, loss, spreads) } : {}),
  });
}

/** The largest share of the nodes that a message may leave out, by loss. */
const LEFT_OUT_MAX: Readonly<Record<number, number>> = { 0: 0, 0.25: 0.01, 0.5: 0.05 };

/** The limits of each message: how long it takes, and how many nodes it leaves out. */
function limitOf(nodes: number, loss: number, spreads: readonly Spread[]): { text: string; holds: boolean } {
  const leftOut = Math.max(...spreads.map(({ missed }) => missed));
  const reach = { text: `${leftOut} left out`, holds: leftOut <= (LEFT_OUT_MAX[loss] ?? 0) * nodes };
  if (loss >= 0.5) return reach;
  const boundMs = serfModelMs(nodes, loss, 0.9999);
  const worst = Math.max(...spreads.map(({ times }) => timeOf(times, nodes, 0.9999)));
  return {
    text: `worst ${worst.toFixed(0)} < model ${boundMs}, ${reach.text}`,
    holds: worst < boundMs && reach.holds,
  };
}

function expectation(nodes: number, loss: number, index: number, size: Size): Expectation {
  const value = EXPECTED[`${nodes}/${loss}`]?.[index] ?? Number.NaN;
  return sketched(value, size === "quick" ? 0.25 : 0.15, SKETCHED[`${nodes}/${loss}/${SHARES[index]}`]);
}

/** A faster result passes as well. */
function shipped(nodes: number, loss: number, index: number, size: Size): Expectation | null {
  const value = SHIPPED[`${nodes}/${loss}`]?.[index] ?? null;
  const more = (loss === 0 ? 0.15 : 0.5) * (size === "quick" ? 1.5 : 1);
  return value === null ? null : { value, source: "measured here", low: 0, high: value * (1 + more) };
}

/** When this share of the nodes had heard; if fewer ever did, when the last of them had. */
function timeOf(times: readonly number[], nodes: number, share: number): number {
  return times[Math.min(times.length, Math.ceil(share * nodes)) - 1] ?? 0;
}
