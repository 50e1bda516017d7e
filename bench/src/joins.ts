import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { closePool, converged, openPool } from "./pool.ts";
import { type Row, row } from "./rows.ts";

const run = promisify(execFile);

/** One run: nodes that are up join one of them, all at the same time. Milliseconds until everybody lists everybody. */
export async function joinOnce(size: number): Promise<number> {
  const pool = await openPool(size, {}, false);
  const [seed, ...others] = pool;
  const start = performance.now();
  await Promise.all(others.map((node) => node.join(seed?.address ?? "")));
  const tookMs = await converged(pool, start, 90_000);
  await closePool(pool);
  return tookMs;
}

/** Convergence of concurrent joins to one seed, each run in a process of its own: a cold start is part of it. */
export async function joins(size: number, runs: number): Promise<Row[]> {
  const main = fileURLToPath(new URL("./main.js", import.meta.url));
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const { stdout } = await run(process.execPath, [main, "join-once", String(size)]);
    times.push(Number(stdout));
  }
  return [row("joins", `${size - 1} concurrent joins to one seed, until all list all`, "ms", times)];
}
