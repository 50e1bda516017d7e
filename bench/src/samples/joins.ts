import { cpuStopwatch } from "../cpu-time.ts";
import { tell } from "../figures.ts";
import { closePool, converged, openPool } from "../pool.ts";

const NODES = 50;
const LIMIT_MS = 90_000;

/** Running nodes join one of them, all at the same time, in a fresh process: the cold start is included. */
const pool = await openPool(NODES, {}, false);
const [seed, ...others] = pool;
const cpuMs = cpuStopwatch();
const start = performance.now();
await Promise.all(others.map((node) => node.join(seed?.self.address ?? "")));
const tookMs = await converged(pool, start, LIMIT_MS);
const usedMs = cpuMs();
const what = `${NODES - 1} concurrent joins to one seed, until all list all`;
tell([
  { name: what, unit: "ms", value: tookMs },
  { name: `${what}, CPU`, unit: "ms", value: usedMs },
]);
await closePool(pool);
