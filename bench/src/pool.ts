import { setMaxListeners } from "node:events";
import { type AnyCluster, type Cluster, createCluster, type HearsayOptions } from "hearsay";

/** The messages of a pool's nodes, numbered so that each can be identified. */
export interface Talk {
  readonly channels: { readonly bench: { readonly number: number; readonly pad: string } };
}

/** Starts `size` nodes in this process on loopback; by default all join the first at the same time. */
export async function openPool(size: number, options: HearsayOptions = {}, joining = true): Promise<Cluster<Talk>[]> {
  const base: HearsayOptions = { bind: "127.0.0.1:0", encryption: "off", extensions: "all", ...options };
  const seed = await createCluster<Talk>({ ...base, nodeName: "n0" });
  const others = Array.from({ length: size - 1 }, (_, i) =>
    createCluster<Talk>({ ...base, nodeName: `n${i + 1}`, ...(joining ? { join: seed.self.address } : {}) }),
  );
  return [seed, ...(await Promise.all(others))];
}

/** Waits until every node lists all of them. Returns the time since `since`. */
export async function converged(pool: readonly AnyCluster[], since: number, limitMs: number): Promise<number> {
  const signal = AbortSignal.timeout(limitMs);
  setMaxListeners(0, signal);
  await Promise.all(pool.map((node) => node.ready({ members: pool.length, signal })));
  return performance.now() - since;
}

/** Waits until no node has rumors to send. */
export async function quiet(pool: readonly AnyCluster[]): Promise<void> {
  while (pool.some((node) => node.stats().occupancy.rumors > 0)) await rest(50);
  await rest(500);
}

/** Datagrams that the nodes have sent so far. */
export function datagrams(pool: readonly AnyCluster[]): number {
  let sum = 0;
  for (const node of pool) sum += node.stats().counters.datagramsOut;
  return sum;
}

export async function closePool(pool: readonly AnyCluster[]): Promise<void> {
  await Promise.all(pool.map((node) => node.close()));
}

export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
