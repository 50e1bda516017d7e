import type { Case, CaseRun } from "../case-run.ts";
import { freezeLines } from "../log-rules.ts";
import type { ProcessNode, TestNode } from "../nodes/test-node.ts";
import { startPool } from "../pool.ts";
import { expect, until } from "../until.ts";
import { everyoneAlive, expectNobodyLost, seenAs } from "../views.ts";

/** Makes a suspicion longer than the short freeze at any pace. */
const PATIENT_SUSPICION_MULT = 16;
/** Longer than the long freeze at either pace, so that the others still know the thawed node as dead. */
const GOSSIP_TO_THE_DEAD_MS = 120_000;

export const freezeGoShort: Case = {
  name: "freeze-go-short",
  shows: "A Go process is stopped for less than a suspicion lasts; it refutes, and nobody reports it as gone.",
  run: async (run) => freezeShort(run, "go"),
};

export const freezeHearsayShort: Case = {
  name: "freeze-hearsay-short",
  shows: "A Hearsay process is stopped for less than a suspicion lasts; it refutes, and nobody reports it as gone.",
  run: async (run) => freezeShort(run, "hearsay"),
};

export const freezeGoLong: Case = {
  name: "freeze-go-long",
  shows: "A Go process is stopped until all hold it for dead; woken up, it refutes its death and is back everywhere.",
  run: async (run) => freezeLong(run, "go"),
};

export const freezeHearsayLong: Case = {
  name: "freeze-hearsay-long",
  shows:
    "A Hearsay process is stopped until all hold it for dead; woken up, it refutes its death and is back everywhere.",
  run: async (run) => freezeLong(run, "hearsay"),
};

async function freezeShort(run: CaseRun, kind: "go" | "hearsay"): Promise<void> {
  run.tune({ suspicionMult: PATIENT_SUSPICION_MULT });
  const { victim, others } = await startVictim(run, kind);
  const before = await incarnationOf(others, victim.name);
  const frozenAt = performance.now();
  victim.freeze();
  await run.untilDetected("the suspicion", () => seenAs(others, victim.name, "suspect"));
  await passed(frozenAt, run.pace.freezeShortMs);
  victim.thaw();
  await run.untilDetected("everybody after the thaw", () => everyoneAlive([...others, victim]));
  expectNobodyLost([...others, victim]);
  await run.untilSpread("the refutation in the log", () => (refuted(victim, "suspect") ? null : "there is none"));
  const after = await incarnationOf(others, victim.name);
  expect(after > before, `${victim.name} came back with incarnation ${after} after ${before}`);
}

async function freezeLong(run: CaseRun, kind: "go" | "hearsay"): Promise<void> {
  run.tune({ gossipToTheDeadMs: GOSSIP_TO_THE_DEAD_MS });
  const { victim, others } = await startVictim(run, kind);
  const before = await incarnationOf(others, victim.name);
  const frozenAt = performance.now();
  victim.freeze();
  await run.untilDetected("the death", () => seenAs(others, victim.name, "failed"));
  await passed(frozenAt, run.pace.freezeLongMs);
  expect(
    (await seenAs(others, victim.name, "failed")) === null,
    `${victim.name} was forgotten or came back while frozen`,
  );
  victim.thaw();
  await run.untilDetected("everybody after the thaw", () => everyoneAlive([...others, victim]));
  expectNobodyLost(others, [victim.name]);
  expectNobodyLost([victim]);
  expect(refuted(victim, "dead") || refuted(victim, "suspect"), `${victim.name} has logged no refutation`);
  const after = await incarnationOf(others, victim.name);
  expect(after > before, `${victim.name} came back with incarnation ${after} after ${before}`);
}

async function startVictim(
  run: CaseRun,
  kind: "go" | "hearsay",
): Promise<{ victim: ProcessNode; others: readonly TestNode[] }> {
  const isGo = kind === "go";
  const { all: others } = await startPool(run, isGo ? { goCount: 2 } : { hearsayCount: 2 });
  const victim = isGo ? await run.startGo("go-2") : await run.startChild("hs-2");
  run.rules.allowGo(freezeLines(victim.name));
  run.rules.allowHearsay([
    `[WARN] member failed {any}"member":"${victim.name}"{any}`,
    `[WARN] this node was held to be failing and answered {any}"node":"${victim.name}"{any}`,
  ]);
  await victim.join(others[0]?.address ?? "");
  await run.untilSpread("the cluster with the victim", () => everyoneAlive([...others, victim]));
  return { victim, others };
}

function refuted(victim: ProcessNode, accusation: "suspect" | "dead"): boolean {
  return victim.refutations(accusation) > 0;
}

/** Waits until the freeze has lasted its full time, even if its effect came earlier. */
function passed(since: number, durationMs: number): Promise<void> {
  const missing = (): string | null => (performance.now() - since >= durationMs ? null : "not yet over");
  return until("the freeze", missing, 2 * durationMs);
}

async function incarnationOf(nodes: readonly TestNode[], name: string): Promise<number> {
  const tables = await Promise.all(nodes.map((node) => node.table()));
  return Math.max(...tables.map((table) => table.get(name)?.incarnation ?? 0));
}
