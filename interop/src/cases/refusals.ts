import { randomBytes } from "node:crypto";
import { isHearsayError, type MemberlistOptions } from "hearsay";
import type { Case, CaseRun } from "../case-run.ts";
import type { PeerOptions } from "../go-peer.ts";
import { type Pool, startPool } from "../pool.ts";
import { expect, until } from "../until.ts";
import { everyoneAlive, expectNobodyLost } from "../views.ts";

/** What a node needs to be accepted, as options of both kinds. */
interface Secrets {
  readonly go: Partial<PeerOptions>;
  readonly hearsay: Partial<MemberlistOptions>;
}

/** Log lines of a refused stranger. */
const STRANGER_LINES = ["[DEBUG] memberlist: failed to join {addr}: {any}"];
/** The log line that operators of memberlist know from a change of keys. */
const DECODE_FAILED = "[WARN] gossip: failed to decode gossip message";
/** The advice that Hearsay logs then. */
const KEY_ADVICE = "[WARN] none of this node's keys is of use with a peer{any}";
/** Hearsay logs the same line about one peer at most once in this time. */
const REPEAT_MS = 10_000;

export const wrongLabel: Case = {
  name: "wrong-label",
  shows: "A node with another label, or none, is refused by both kinds, as a joiner and by the packet.",
  async run(run) {
    const pool = await startWith(run, labelled("right"));
    run.rules.allowGo([
      '[ERR] memberlist: discarding stream with unacceptable label "wrong": from={addr}',
      '[ERR] memberlist: discarding stream with unacceptable label "": from={addr}',
      ...STRANGER_LINES,
    ]);
    run.rules.allowHearsay(['[WARN] refused what a peer sent {any}"reason":"label-mismatch"{any}']);
    for (const label of ["wrong", ""]) await refusedBothWays(run, pool, labelled(label));
  },
};

export const wrongKey: Case = {
  name: "wrong-key",
  shows:
    "A node with another key is refused by both kinds; Hearsay's log says what operators look for, and not too often.",
  async run(run) {
    const pool = await startWith(run, keyed(randomBytes(32)));
    run.rules.allowGo([
      "[ERR] memberlist: failed to receive: no installed keys could decrypt the message from={addr}",
      ...STRANGER_LINES,
    ]);
    run.rules.allowHearsay([`${DECODE_FAILED} {any}"error":"cipher: message authentication failed"{any}`, KEY_ADVICE]);
    const secrets = keyed(randomBytes(32));
    await refusedBothWays(run, pool, secrets);
    await warningsAreRare(run, pool, secrets);
  },
};

export const halfEncrypted: Case = {
  name: "half-encrypted",
  shows:
    "A node without a key is refused by an encrypted cluster, and one with a key by a plain cluster, by both kinds.",
  async run(run) {
    run.rules.allowGo([
      "[ERR] memberlist: failed to receive: encryption is configured but remote state is not encrypted from={addr}",
      "[ERR] memberlist: failed to receive: remote state is encrypted and encryption is not configured from={addr}",
      ...STRANGER_LINES,
    ]);
    // A sealed packet is noise to a node without a key; the first error it finds depends on the noise.
    run.rules.allowHearsay(["[WARN] refused what a peer sent{any}", `${DECODE_FAILED}{any}`, KEY_ADVICE]);
    const [plain, sealed]: [Secrets, Secrets] = [{ go: {}, hearsay: {} }, keyed(randomBytes(32))];
    const sealedPool = await startWith(run, sealed);
    await refusedBothWays(run, sealedPool, plain);
    await Promise.all(sealedPool.all.map((node) => node.close()));
    await refusedBothWays(run, await startWith(run, plain), sealed);
  },
};

async function refusedBothWays(run: CaseRun, pool: Pool, secrets: Secrets): Promise<void> {
  const [goSeed, hearsaySeed] = seedsOf(pool);
  const hearsay = await run.startHearsay("hs-stranger", secrets.hearsay);
  const error = await failureOf(hearsay.cluster.join(goSeed.address));
  expect(isHearsayError(error, "ERR_JOIN_SILENT"), `joining a Go node came to ${String(error)}`);
  const ours = await failureOf(hearsay.cluster.join(hearsaySeed.address));
  expect(isHearsayError(ours, "ERR_JOIN_SILENT"), `joining a Hearsay node came to ${String(ours)}`);
  await hearsay.close();

  const go = await run.startGo("go-stranger", secrets.go);
  expect((await failureOf(go.join(hearsaySeed.address))) !== null, "a Go stranger joined a Hearsay node");
  const ping = await failureOf(go.peer.ping(hearsaySeed.name, hearsaySeed.address));
  expect(ping !== null, "a Hearsay node answered a stranger's ping");
  await go.close();

  const gap = await everyoneAlive(pool.all);
  expect(gap === null, `after the refusals ${gap}`);
  expectNobodyLost(pool.all);
}

/** A stranger that keeps trying causes one line, and later another one that counts the suppressed ones. */
async function warningsAreRare(run: CaseRun, pool: Pool, secrets: Secrets): Promise<void> {
  const [, seed] = seedsOf(pool);
  const stranger = await run.startGo("go-stranger-2", secrets.go);
  const warnings = (): readonly string[] => seed.logLines.filter((line) => line.startsWith(DECODE_FAILED));
  let tries = 0;
  const lines = warnings().length;
  expect(lines === 1, `the first refusals made ${lines} lines`);
  const startedAt = performance.now();
  const missing = async (): Promise<string | null> => {
    tries++;
    await failureOf(stranger.join(seed.address));
    return warnings().some((line) => line.includes('"suppressed":'))
      ? null
      : `${tries} tries, ${warnings().length} lines`;
  };
  await until("a line that counts those left out", missing, 2 * REPEAT_MS);
  const linesMax = 2 + Math.floor((performance.now() - startedAt) / REPEAT_MS);
  expect(tries > linesMax, `only ${tries} tries`);
  expect(warnings().length <= linesMax, `${tries} tries made ${warnings().length} lines`);
}

function startWith(run: CaseRun, { go, hearsay }: Secrets): Promise<Pool> {
  return startPool(run, { go: () => go, hearsay: () => hearsay });
}

function seedsOf({ go: [go], hearsay: [hearsay] }: Pool): readonly [Pool["go"][number], Pool["hearsay"][number]] {
  if (go === undefined || hearsay === undefined) throw new Error("the pool lacks a kind");
  return [go, hearsay];
}

function labelled(label: string): Secrets {
  return { go: { label }, hearsay: { label } };
}

function keyed(bytes: Buffer): Secrets {
  const keys = [new Uint8Array(bytes)];
  return { go: { keys }, hearsay: { encryption: { keys } } };
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}
