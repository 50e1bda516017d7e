import { cpuStopwatch } from "../cpu-time.ts";
import { tell } from "../figures.ts";
import { closePool, converged, openPool, quiet, rest } from "../pool.ts";

const NODES = Number(process.argv[2] ?? 3);
const MEASURED_MS = 2000;

/** The cost of an idle node, which only maintains its pool. */
const pool = await openPool(NODES);
await converged(pool, performance.now(), 30_000);
await quiet(pool);
const cpuMs = cpuStopwatch();
const start = performance.now();
await rest(MEASURED_MS);
const seconds = (performance.now() - start) / 1000;
tell([{ name: `a node of ${NODES} in one process, CPU a second`, unit: "ms", value: cpuMs() / seconds / NODES }]);
await closePool(pool);
