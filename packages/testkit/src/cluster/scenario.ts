import { below, type Preset, type Random, Sfc32, unit } from "@hearsay/core";
import type { RulesName } from "@hearsay/core/internal";
import type { LinkConditions } from "@hearsay/core/virtual";

/** The kinds of faults. `move` restarts a node at another address. */
export type FaultName =
  | "crash"
  | "kill"
  | "restart"
  | "move"
  | "pause"
  | "resume"
  | "partition"
  | "cut"
  | "heal"
  | "meta"
  | "broadcast"
  | "leave";

/** One fault at one moment. A fault that doesn't apply then, such as resuming a running node, is skipped. */
export interface Fault {
  readonly atMs: number;
  readonly name: FaultName;
  readonly node: number;
  /** The other end of a cut; the first nodes of a partition up to this one are split from the rest. */
  readonly other: number;
}

/** Everything about one simulated history, drawn from its seed. */
export interface Scenario {
  readonly seed: number;
  readonly nodes: number;
  readonly rules: RulesName;
  readonly preset: Preset;
  readonly views: "full" | "alone";
  readonly eagerPacketsPerSecond: number;
  readonly network: Partial<LinkConditions>;
  readonly troubleMs: number;
  readonly faults: readonly Fault[];
}

/**
 * Draws a scenario. Both the faults and the options come from the seed, so that unforeseen combinations occur. Some
 * seeds leave out each kind of fault, since some faults hide what others would show.
 */
export function drawScenario(seed: number): Scenario {
  const random = new Sfc32(seed, 0x5ce0);
  const nodes = 2 + below(random, 13);
  const troubleMs = 20_000 + below(random, 100) * 1000;
  return {
    seed,
    nodes,
    // The reference doesn't recover from a partition, so less is expected of it, and it is drawn less often.
    rules: chance(random, 0.8) ? "hearsay" : "memberlist",
    preset: chance(random, 0.75) ? "lan" : "local",
    views: chance(random, 0.5) ? "full" : "alone",
    eagerPacketsPerSecond: chance(random, 0.7) ? 200 : 0,
    network: drawNetwork(random),
    troubleMs,
    faults: drawFaults(random, nodes, troubleMs),
  };
}

function drawNetwork(random: Random): Partial<LinkConditions> {
  return {
    latencyMs: [0, 0.3, 5, 40][below(random, 4)] ?? 0,
    jitterMs: [0, 0.4, 20][below(random, 3)] ?? 0,
    loss: [0, 0, 0.02, 0.1, 0.3][below(random, 5)] ?? 0,
    duplication: chance(random, 0.3) ? 0.1 : 0,
    reordering: chance(random, 0.3) ? 0.1 : 0,
    reorderingMs: 1 + below(random, 500),
  };
}

const NAMES: readonly FaultName[] = [
  "crash",
  "kill",
  "restart",
  "move",
  "pause",
  "resume",
  "partition",
  "cut",
  "heal",
  "meta",
  "broadcast",
  "leave",
];

function drawFaults(random: Random, nodes: number, troubleMs: number): Fault[] {
  const allowed = NAMES.filter((name) => name === "resume" || name === "heal" || chance(random, 0.6));
  const count = below(random, 30);
  const faults = Array.from({ length: count }, () => ({
    atMs: below(random, troubleMs),
    name: allowed[below(random, allowed.length)] ?? "heal",
    node: below(random, nodes),
    other: below(random, nodes),
  }));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function chance(random: Random, probability: number): boolean {
  return unit(random) < probability;
}
