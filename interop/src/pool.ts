import type { ClosedReason, MemberlistOptions } from "hearsay";
import type { CaseRun } from "./case-run.ts";
import type { PeerOptions } from "./go-peer.ts";
import type { GoNode } from "./nodes/go-node.ts";
import type { HearsayNode } from "./nodes/hearsay-node.ts";
import type { TestNode } from "./nodes/test-node.ts";
import { everyoneAlive } from "./views.ts";

/** A mixed cluster. */
export interface Pool {
  readonly go: readonly GoNode[];
  readonly hearsay: readonly HearsayNode[];
  /** Both kinds, in the order in which they joined. */
  readonly all: readonly TestNode[];
}

/** Differences from three plain nodes of each kind. */
export interface PoolOptions {
  readonly go?: (index: number) => Partial<PeerOptions>;
  readonly hearsay?: (index: number) => Partial<MemberlistOptions>;
  /** @defaultValue 3 */
  readonly goCount?: number;
  /** @defaultValue 3 */
  readonly hearsayCount?: number;
}

const COUNT = 3;

/**
 * Starts go-0, hs-0, go-1, hs-1 and so on. Each joins the previous one, so that both kinds join both kinds. Resolves
 * once every node lists all of them as alive.
 */
export async function startPool(run: CaseRun, options: PoolOptions = {}): Promise<Pool> {
  const { goCount = COUNT, hearsayCount = COUNT } = options;
  const go: GoNode[] = [];
  const hearsay: HearsayNode[] = [];
  const all: TestNode[] = [];
  const enter = async (node: TestNode): Promise<void> => {
    const seed = all.at(-1);
    if (seed !== undefined) await node.join(seed.address);
    all.push(node);
  };
  for (let index = 0; index < Math.max(goCount, hearsayCount); index++) {
    if (index < goCount) {
      const node = await run.startGo(`go-${index}`, options.go?.(index));
      go.push(node);
      await enter(node);
    }
    if (index < hearsayCount) {
      const node = await run.startHearsay(`hs-${index}`, options.hearsay?.(index));
      hearsay.push(node);
      await enter(node);
    }
  }
  await run.untilSpread("everybody sees everybody", () => everyoneAlive(all));
  return { go, hearsay, all };
}

/** Waits until a Hearsay node has ended by itself, and returns the reason. */
export async function endOf(run: CaseRun, { name, cluster }: HearsayNode): Promise<ClosedReason> {
  const isOver = (): boolean => cluster.status === "failed" || cluster.status === "closed";
  await run.untilSpread(`the end of ${name}`, () => (isOver() ? null : `it is ${cluster.status}`));
  return await cluster.closed;
}
