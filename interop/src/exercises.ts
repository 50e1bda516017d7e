import type { CaseRun } from "./case-run.ts";
import type { TestNode } from "./nodes/test-node.ts";
import type { Pool } from "./pool.ts";
import { expect } from "./until.ts";
import { expectNobodyLost, heardBy, metaSeen } from "./views.ts";

/** Interval after which a broadcast's origin repeats it. */
const SAY_AGAIN_MS = 1_000;
/** Probes that every node sends, and pings that it answers, before a healthy case ends. */
const PROBES = 5;

/**
 * Does everything that members of a healthy cluster do, once in each direction: messages by gossip, in datagrams and
 * over streams, changes of metadata, and a periodic push/pull. No member may be lost meanwhile.
 */
export async function exercise(run: CaseRun, pool: Pool): Promise<void> {
  await messagesBothWays(run, pool);
  await metadataBothWays(run, pool);
  await protocolRounds(run, pool);
  expectNobodyLost(pool.all);
}

/**
 * Waits until every Hearsay node has probed, has been probed and has exchanged states both ways. Checks that none of
 * them suspected a member, was suspected, or refused a message.
 */
async function protocolRounds(run: CaseRun, { go, hearsay }: Pool): Promise<void> {
  const before = hearsay.map(({ cluster }) => cluster.stats().counters);
  const rounds = async (): Promise<string | null> => {
    for (const [index, { name, cluster }] of hearsay.entries()) {
      const { pingsAnswered, probesSent, pushPulls } = cluster.stats().counters;
      const was = before[index];
      if (probesSent < (was?.probesSent ?? 0) + PROBES) return `${name} has sent ${probesSent} probes`;
      if (pingsAnswered < (was?.pingsAnswered ?? 0) + PROBES) return `${name} has answered ${pingsAnswered} pings`;
      if (pushPulls <= (was?.pushPulls ?? 0)) return `${name} has started no push/pull`;
    }
    const isStarted = /Initiating push\/pull sync with: hs-/;
    const hasStarted = go.some(({ logLines }) => logLines.some((line) => isStarted.test(line)));
    return hasStarted ? null : "no Go node has started a push/pull with a Hearsay node";
  };
  await run.untilDetected("some rounds of the protocol", rounds);
  for (const { name, cluster, changes } of hearsay) {
    const suspects = changes.filter(({ kind }) => kind === "suspected");
    expect(suspects.length === 0, `${name} suspected ${suspects.map((change) => change.name).join(", ")}`);
    const { datagramsRefused, messagesRefused, pushPullsRefused, selfRefutations } = cluster.stats().counters;
    const refused = datagramsRefused + messagesRefused + pushPullsRefused;
    expect(refused === 0, `${name} refused ${refused} packets, messages or push/pulls`);
    expect(selfRefutations === 0, `${name} was suspected`);
  }
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
 * Gossips a message until all others have received it. One round may miss some: memberlist sends a broadcast a few
 * times to random members, and leaves relaying to the application.
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

/** Text that is long and repetitive enough to be compressed wherever compression is on. */
export function text(words: string): Uint8Array {
  return new Uint8Array(Buffer.from(`${words} ${"and again ".repeat(20)}`));
}
