import type { Case, CaseRun } from "../case-run.ts";
import { crashLines } from "../log-rules.ts";
import type { ProcessNode, TestNode } from "../nodes/test-node.ts";
import { startPool } from "../pool.ts";
import { everyoneAlive, expectNobodyLost, seenAs } from "../views.ts";

export const crashGo: Case = {
  name: "crash-go",
  shows: "A Go process is killed; both kinds declare it dead, and nobody else.",
  async run(run) {
    const pool = await startPool(run, { goCount: 2 });
    const victim = await run.startGo("go-2");
    await crash(run, pool.all, victim);
  },
};

export const crashHearsay: Case = {
  name: "crash-hearsay",
  shows: "A Hearsay process is killed; both kinds declare it dead, and nobody else.",
  async run(run) {
    const pool = await startPool(run, { hearsayCount: 2 });
    const victim = await run.startChild("hs-2");
    await crash(run, pool.all, victim);
  },
};

async function crash(run: CaseRun, others: readonly TestNode[], victim: ProcessNode): Promise<void> {
  run.rules.allowGo(crashLines(victim.name));
  run.rules.allowHearsay([`[WARN] member failed {any}"member":"${victim.name}"{any}`]);
  await victim.join(others[0]?.address ?? "");
  await run.untilSpread("the cluster with the victim", () => everyoneAlive([...others, victim]));
  await victim.kill();
  await run.untilDetected("the crash", () => seenAs(others, victim.name, "failed"));
  expectNobodyLost(others, [victim.name]);
}
