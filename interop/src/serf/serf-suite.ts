import { settlesWithin } from "hearsay/internal";
import type { Outcome } from "../suite.ts";
import { SERF_CASES } from "./cases/index.ts";
import { type Program, serfPrograms } from "./programs.ts";
import { type PoolKind, type SerfCase, SerfRun } from "./serf-run.ts";

/** A case that takes longer hangs. */
const CASE_LIMIT_MS = 600_000;

/** Concurrent cases: enough to keep two processors busy. */
const PARALLEL = 3;

/** A case in one kind of pool, with one release of Serf. */
interface Job {
  readonly one: SerfCase;
  readonly kind: PoolKind;
  readonly serf: Program;
}

/** The case names that the command line accepts. */
export const SERF_CASE_NAMES: readonly string[] = SERF_CASES.map(({ name }) => name);

/** Runs the cases in all pools, with all releases of Serf. Returns their outcomes in the order of the list. */
export async function runSerfCases(
  names: readonly string[],
  onOutcome: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const programs = await serfPrograms();
  const jobs = [programs.debian, programs.newest].flatMap((serf) => jobsWith(serf, names));
  const outcomes = new Map<Job, Outcome>();
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const outcome = await runJob(job);
      outcomes.set(job, outcome);
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return jobs.flatMap((job) => outcomes.get(job) ?? []);
}

/** Runs one case with one release of Serf, for a run inside a namespace. Null if there is no such case. */
export async function runSerfCase(name: string, label: string, kind: string): Promise<Outcome | null> {
  const programs = await serfPrograms();
  const serf = [programs.debian, programs.newest].find((program) => program.label === label);
  const one = SERF_CASES.find((known) => known.name === name);
  if (serf === undefined || one === undefined || (kind !== "plain" && kind !== "encrypted")) return null;
  return await runJob({ one, kind, serf });
}

function jobsWith(serf: Program, names: readonly string[]): Job[] {
  return SERF_CASES.filter(({ name }) => names.includes(name)).flatMap((one) =>
    (one.pools ?? ["plain", "encrypted"]).map((kind) => ({ one, kind, serf })),
  );
}

async function runJob({ one, kind, serf }: Job): Promise<Outcome> {
  const run = new SerfRun(serf, kind);
  const startedAt = performance.now();
  let failure: string | null = null;
  try {
    if (!(await settlesWithin(one.run(run), CASE_LIMIT_MS)))
      throw new Error(`the case hangs: not over in ${CASE_LIMIT_MS} ms`);
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    failure = `${words}\n${run.recentLogs()}`;
  }
  await run.close();
  const seconds = (performance.now() - startedAt) / 1000;
  return { name: `${one.name}-${serf.label}-${kind}`, shows: one.shows, seconds, failure };
}
