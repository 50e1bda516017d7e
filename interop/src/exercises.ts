import type { CaseRun } from "./case-run.ts";
import type { TestNode } from "./nodes/test-node.ts";
import type { Pool } from "./pool.ts";
import { expectNobodyLost, heardBy, metaSeen } from "./views.ts";

/** How long one broadcast has before its origin says it again. */
const SAY_AGAIN_MS = 1_000;

/**
 * Everything that members of a healthy cluster do, once in each direction: messages by gossip, in datagrams and over
 * streams, changes of metadata, and a periodic push/pull. Nobody may be lost meanwhile.
 */
export async function exercise(run: CaseRun, pool: Pool): Promise<void> {
  await messagesBothWays(run, pool);
  await metadataBothWays(run, pool);
  expectNobodyLost(pool.all);
}

async function messagesBothWays(run: CaseRun, { go: [go], hearsay: [hearsay], all }: Pool): Promise<void> {
  if (go === undefined || hearsay === undefined) throw new Error("the exercise needs a node of each kind");
  await spread(run, go, all, text("gossip of the Go node"));
  await spread(run, hearsay, all, text("gossip of the Hearsay node"));
  for (const [from, to] of [
    [go, hearsay],
    [hearsay, go],
  ] as const) {
    for (const reliable of [false, true]) {
      const payload = text(`${from.name} to ${to.name}, ${reliable ? "over a stream" : "in a datagram"}`);
      await from.send(to.name, payload, reliable);
      await run.untilSpread("a direct message", () => heardBy([to], payload));
    }
  }
}

async function metadataBothWays(run: CaseRun, { go, hearsay, all }: Pool): Promise<void> {
  for (const node of [go[1], hearsay[1]]) {
    if (node === undefined) continue;
    const meta = text(`new metadata of ${node.name}`);
    await node.setMeta(meta);
    await run.untilSpread("new metadata", () => metaSeen(all, node.name, meta));
  }
}

/**
 * Gossips a message until all others have heard it. One round may miss somebody: memberlist sends a broadcast a few
 * times to members chosen at random, and leaves passing it on to the application.
 */
export async function spread(
  run: CaseRun,
  from: TestNode,
  all: readonly TestNode[],
  payload: Uint8Array,
): Promise<void> {
  const others = all.filter((node) => node !== from);
  let saidAt = Number.NEGATIVE_INFINITY;
  await run.untilSpread(`gossip of ${from.name}`, async () => {
    const gap = heardBy(others, payload);
    if (gap !== null && performance.now() - saidAt > SAY_AGAIN_MS) {
      saidAt = performance.now();
      await from.broadcast(payload);
    }
    return gap;
  });
}

/** Text of some length that compresses well, so that whoever compresses does it with these. */
export function text(words: string): Uint8Array {
  return new Uint8Array(Buffer.from(`${words} ${"and again ".repeat(20)}`));
}
