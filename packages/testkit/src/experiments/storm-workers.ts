import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { StormOptions, StormResult } from "./storm-run.ts";

/** Runs storms, as many at a time as there are processors. Returns what came of each, in the order given. */
export async function stormResults(storms: readonly StormOptions[]): Promise<StormResult[]> {
  const results: StormResult[] = [];
  const waiting = storms.entries();
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("storm-worker.js", import.meta.url));
    try {
      for (const [index, options] of waiting) {
        const answer = once(worker, "message");
        worker.postMessage(options);
        [results[index]] = (await answer) as [StormResult];
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), storms.length) }, work));
  return results;
}
