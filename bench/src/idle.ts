import { closePool, converged, openPool, quiet, rest } from "./pool.ts";
import { type Row, row } from "./rows.ts";

/** What a node costs that has nothing to do but to look after its pool: as one of few, and as one of many. */
export async function idle(isQuick: boolean): Promise<Row[]> {
  const runs = isQuick ? 2 : 9;
  const runMs = isQuick ? 1000 : 4000;
  const rows: Row[] = [];
  for (const size of [3, 50]) {
    const pool = await openPool(size);
    await converged(pool, performance.now(), 30_000);
    await quiet(pool);
    const costs: number[] = [];
    for (let i = 0; i < runs; i++) costs.push(await costOf(runMs, size));
    await closePool(pool);
    rows.push(row("idle", `a node of ${size} in one process: processor time`, "ms/s", costs));
  }
  return rows;
}

/** Milliseconds of the processor that each node takes of a second, the kernel's part included. */
async function costOf(runMs: number, nodes: number): Promise<number> {
  const start = performance.now();
  const before = process.cpuUsage();
  await rest(runMs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (performance.now() - start) / nodes;
}
