import { settlesWithin } from "hearsay/internal";
import { type Case, CaseRun } from "./case-run.ts";
import type { Pace } from "./pace.ts";

/** The outcome of one case. */
export interface Outcome {
  readonly name: string;
  readonly shows: string;
  readonly seconds: number;
  /** Why it failed, with the logs; null if it passed. */
  readonly failure: string | null;
}

/** How to run the cases. */
export interface SuiteOptions {
  readonly pace: Pace;
  /** Concurrent cases. */
  readonly parallel: number;
  /** Called with each new outcome. */
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Runs the cases, several at a time, and returns their outcomes in the order of the list. */
export async function runCases(cases: readonly Case[], options: SuiteOptions): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  const waiting = [...cases];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const outcome = await runCase(next, options.pace);
      outcomes.set(next.name, outcome);
      options.onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, work));
  return cases.flatMap(({ name }) => outcomes.get(name) ?? []);
}

async function runCase(one: Case, pace: Pace): Promise<Outcome> {
  const run = new CaseRun(pace);
  const startedAt = performance.now();
  const faults: string[] = [];
  try {
    if (!(await settlesWithin(one.run(run), pace.caseLimitMs)))
      throw new Error(`the case hangs: not over in ${pace.caseLimitMs} ms`);
  } catch (error) {
    faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  // Before any node is closed, since the remaining nodes would rightly log complaints about it.
  const lines = run.unexpectedLines();
  if (lines.length > 0) faults.push(`log lines that the case does not expect:\n${lines.join("\n")}`);
  const failure = faults.length === 0 ? null : `${faults.join("\n")}\n${run.recentLogs()}`;
  await run.close();
  return { name: one.name, shows: one.shows, seconds: (performance.now() - startedAt) / 1000, failure };
}
