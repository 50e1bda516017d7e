import { APPLICATION } from "@hearsay/core";
import { messageOf } from "hearsay/internal";
import { disagreements } from "./agreement.ts";
import { InvariantBroken } from "./invariant-broken.ts";
import { Invariants } from "./invariants.ts";
import { drawScenario, type Fault, type Scenario } from "./scenario.ts";
import { SimCluster } from "./sim-cluster.ts";

/**
 * How long the views may take to agree after the end of all trouble: many heal intervals, since each try is a matter of
 * chance.
 */
export const CONVERGENCE_MS_MAX: number = 20 * 60_000;
/** How long the cluster then runs on: agreement must last, and the reference must keep its invariants. */
const SETTLE_MS = 60_000;

/** The outcome of one history. */
export interface SwarmOutcome {
  readonly scenario: Scenario;
  /** From the end of the trouble until all views agreed; null if the protocol doesn't promise it. */
  readonly convergedAfterMs: number | null;
  /** All datagrams sent: two runs of one seed with the same number are the same history. */
  readonly datagrams: number;
}

/** Runs one scenario to its end. Throws `SwarmFailure`, which says how to run it again, if a check fails. */
export function runSwarm(seed: number): SwarmOutcome {
  const scenario = drawScenario(seed);
  try {
    return run(scenario);
  } catch (error) {
    throw new SwarmFailure(scenario, error);
  }
}

/** A scenario failed. */
export class SwarmFailure extends Error {
  override readonly name = "SwarmFailure";
  readonly scenario: Scenario;

  constructor(scenario: Scenario, cause: unknown) {
    const reason = messageOf(cause);
    super(`${reason}\nscenario: ${JSON.stringify(scenario)}\nto see it again: HEARSAY_SEED=${scenario.seed}`, {
      cause,
    });
    this.scenario = scenario;
  }
}

function run(scenario: Scenario): SwarmOutcome {
  const { seed, nodes, rules, preset, views, network, eagerPacketsPerSecond, troubleMs } = scenario;
  const cluster = new SimCluster({ nodes, seed, rules, preset, views, network, config: { eagerPacketsPerSecond } });
  const invariants = new Invariants(cluster);
  let datagrams = 0;
  cluster.observe({ datagram: () => datagrams++ });
  if (views === "alone") cluster.joinAll();
  for (const fault of scenario.faults) {
    cluster.clock.runUntil(fault.atMs);
    inject(cluster, fault);
  }
  cluster.clock.runUntil(troubleMs);
  endTrouble(cluster);
  const convergedAfterMs = rules === "hearsay" ? convergence(cluster) : null;
  // Agreement must last, and the reference must keep its invariants even if its views differ.
  cluster.run(SETTLE_MS);
  invariants.sweep();
  if (rules === "hearsay") expectAgreement(cluster, "a minute after they had agreed, views differ");
  return { scenario, convergedAfterMs, datagrams };
}

function convergence(cluster: SimCluster): number {
  const start = cluster.now;
  if (!cluster.runUntil(() => disagreements(cluster).length === 0, CONVERGENCE_MS_MAX, 500)) {
    expectAgreement(cluster, `views still differ ${CONVERGENCE_MS_MAX} ms after the last fault`);
  }
  return cluster.now - start;
}

function expectAgreement(cluster: SimCluster, otherwise: string): void {
  const found = disagreements(cluster, 5);
  if (found.length > 0) throw new InvariantBroken(`${otherwise}: ${found.join("; ")}`, cluster);
}

/** Removes cuts and loss and resumes all nodes; nodes that are down stay down. */
function endTrouble(cluster: SimCluster): void {
  cluster.heal();
  cluster.network.model.setConditions({ loss: 0, duplication: 0, reordering: 0 });
  for (const node of cluster.nodes) cluster.resume(node);
}

function inject(cluster: SimCluster, { name, node: index, other }: Fault): void {
  const node = cluster.node(index);
  switch (name) {
    case "crash":
      return cluster.crash(node, "host");
    case "kill":
      return cluster.crash(node, "process");
    case "restart":
      return cluster.restart(node);
    case "move":
      return cluster.restart(node, cluster.newAddress());
    case "pause":
      return cluster.pause(node);
    case "resume":
      return cluster.resume(node);
    case "partition":
      return cluster.partition([cluster.nodes.slice(0, other)]);
    case "cut":
      return node === cluster.node(other) ? undefined : cluster.cut(node, cluster.node(other));
    case "heal":
      return cluster.heal();
    case "meta":
      if (node.isRunning) node.setMeta(Uint8Array.of(other, cluster.now & 255));
      return;
    case "broadcast":
      if (node.isRunning) node.broadcast(Uint8Array.of(other), { rumorClass: APPLICATION, isEager: other % 2 === 0 });
      return;
    case "leave":
      return cluster.leave(node);
  }
}
