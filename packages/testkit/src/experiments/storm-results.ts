import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { StormOptions, StormResult } from "./storm-run.ts";

/**
 * Runs storms, as many at a time as there are processors, each in its own worker. Returns their results in the given
 * order.
 *
 * @throws Error naming the first storm that failed; those after it are not begun.
 */
export async function stormResults(storms: readonly StormOptions[]): Promise<StormResult[]> {
  const results: StormResult[] = [];
  const waiting = storms.entries();
  let hasFailed = false;
  const work = async (): Promise<void> => {
    for (const [index, storm] of waiting) {
      if (hasFailed) return;
      try {
        results[index] = await resultOf(storm);
      } catch (cause) {
        hasFailed = true;
        throw new Error(`the storm ${JSON.stringify(storm)} failed`, { cause });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), storms.length) }, work));
  return results;
}

async function resultOf(storm: StormOptions): Promise<StormResult> {
  const worker = new Worker(new URL("storm-worker.js", import.meta.url), { workerData: storm });
  // `once` throws on any failure of the worker; without a failure, the worker answers before it ends.
  const [result] = await Promise.race([once(worker, "message"), ended(worker)]);
  return result as StormResult;
}

/** Fails once the worker has ended. */
async function ended(worker: Worker): Promise<never> {
  const [code] = await once(worker, "exit");
  throw new Error(`its thread ended with ${code} and no answer`);
}
