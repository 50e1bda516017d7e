import type { EventRecord } from "@hearsay/agent/rpc";
import { until } from "../until.ts";
import type { Peer } from "./peer.ts";
import { type Program, serfPrograms } from "./programs.ts";
import { SerfRun } from "./serf-run.ts";

const AGENTS_EACH = 20;
const EVENT = "scale";
const EVENTS = 50;
const EVENT_GAP_MS = 100;
const QUERIES = 20;
const KILLED_EACH = 5;

/** Limit for conditions that may never come true. */
const LATEST_MS = 180_000;
const DETECTED_WITHIN_MS = 300_000;

/** A query without all answers within this time counts as unanswered. */
const QUERY_TIMEOUT_MAX_MS = 60_000;

/** In this time each agent starts one push/pull: memberlist doubles the 30 s of "lan" for forty members. */
const EXCHANGE_PERIOD_MS = 60_000;

/**
 * An event that one kind refuses in gossip still reaches it by push/pull, but half of its twenty agents only after
 * about half a period. Gossip takes far less, however busy the machine is.
 */
const MEDIAN_MAX_MS = EXCHANGE_PERIOD_MS / 6;

/**
 * Share of the observers among Serf's agents that may take a leave for a failure: they do if the goodbye overtakes the
 * intent, as it may wherever a process gets no processor for a while. Agents of ours never may.
 */
const MISLED_SHARE_MAX = 0.05;

/** A measured figure, and whether it meets its target. */
interface Finding {
  readonly what: string;
  readonly figure: string;
  readonly wanted: string;
  readonly isGood: boolean;
}

/**
 * Runs 20 agents of Serf's newest release and 20 of ours with the timings of the profile "lan" in one pool. Returns the
 * exit code.
 */
export async function runScale(): Promise<number> {
  const { newest } = await serfPrograms();
  const run = new SerfRun(newest, "plain");
  const findings: Finding[] = [];
  try {
    const peers = await startAll(run, newest);
    findings.push(...(await events(peers)));
    const toldAt = performance.now();
    findings.push(...(await queries(peers)));
    const rest = await kills(peers, findings);
    findings.push(await leaves(rest));
    findings.push(await repetitions(peers, toldAt));
  } finally {
    await run.close();
  }
  for (const { what, figure, wanted, isGood } of findings) {
    console.log(`${isGood ? "pass" : "FAIL"}  ${what}: ${figure} (wanted: ${wanted})`);
  }
  const failed = findings.filter(({ isGood }) => !isGood).length;
  console.log(`${findings.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

async function startAll(run: SerfRun, { label }: Program): Promise<Peer[]> {
  const startedAt = performance.now();
  const peers: Peer[] = [];
  for (let i = 1; i <= AGENTS_EACH; i++) {
    for (const ours of [false, true]) {
      const name = `${ours ? "ours" : "real"}-${i}`;
      const peer = await run.start(name, ours, { profile: "lan" });
      if (peers[0] !== undefined) await peer.rpc.join([peers[0].address]);
      peers.push(peer);
    }
  }
  await run.untilAllSee(
    peers,
    peers.map(({ name }) => `${name} alive`),
    LATEST_MS,
  );
  await run.untilAllHear(
    peers,
    peers.map(({ name }) => name),
    "member-join",
  );
  console.log(`${peers.length} agents, half of them Serf ${label}, see each other after ${seconds(startedAt)}`);
  return peers;
}

/** An event, and when each agent first received it. */
interface Telling {
  readonly teller: Peer;
  readonly at: number;
  readonly heardAt: Map<Peer, number>;
}

/** Sends events with distinct payloads, from all agents in turn. */
async function events(peers: readonly Peer[]): Promise<Finding[]> {
  const tellings = new Map<string, Telling>();
  for (const peer of peers) {
    peer.onRecord = ({ Event, Payload }: EventRecord): void => {
      if (Event !== "user") return;
      const heardAt = tellings.get(Buffer.from(Payload ?? []).toString())?.heardAt;
      if (heardAt?.has(peer) === false) heardAt.set(peer, performance.now());
    };
  }
  for (let i = 0; i < EVENTS; i++) {
    const teller = peers[i % peers.length];
    if (teller === undefined) throw new Error("no agents");
    const payload = `event ${i}`;
    tellings.set(payload, { teller, at: performance.now(), heardAt: new Map() });
    await teller.rpc.event(EVENT, Buffer.from(payload), false);
    await pause(EVENT_GAP_MS);
  }
  const all = [...tellings.values()];
  const everywhere = (): number => all.filter(({ heardAt }) => heardAt.size === peers.length).length;
  const isDone = (): string | null => (everywhere() === EVENTS ? null : "not yet");
  await until("every event is everywhere", isDone, LATEST_MS).catch(() => {});
  const count = everywhere();
  return [
    finding("events that reach all 40", count, EVENTS, count === EVENTS, "all"),
    ...[false, true].flatMap((from) => [false, true].map((to) => spread(all, peers, from, to))),
  ];
}

/** The delays of the events from one kind of agents to one kind. */
function spread(tellings: readonly Telling[], peers: readonly Peer[], from: boolean, to: boolean): Finding {
  const hearers = peers.filter(({ isOurs }) => isOurs === to);
  const delays = tellings
    .filter(({ teller }) => teller.isOurs === from)
    .flatMap(({ at, heardAt }) => hearers.map((hearer) => (heardAt.get(hearer) ?? Number.POSITIVE_INFINITY) - at))
    .sort((a, b) => a - b);
  const median = delays[Math.floor(delays.length / 2)] ?? Number.NaN;
  return {
    what: `events from ${kind(from)} to ${kind(to)}`,
    figure: `median ${median.toFixed(0)} ms, last ${delays.at(-1)?.toFixed(0)} ms`,
    wanted: `median at most ${MEDIAN_MAX_MS} ms`,
    isGood: median <= MEDIAN_MAX_MS,
  };
}

/** Checks that push/pulls, which repeat every event, make no agent report an event again. */
async function repetitions(peers: readonly Peer[], since: number): Promise<Finding> {
  await pause(Math.max(0, since + EXCHANGE_PERIOD_MS - performance.now()));
  let twice = 0;
  for (const { records } of peers) {
    const told = records.filter(({ Event, Name }) => Event === "user" && Name === EVENT);
    twice += told.length - new Set(told.map(({ Payload }) => Buffer.from(Payload ?? []).toString())).size;
  }
  return { what: "events heard twice by an agent", figure: String(twice), wanted: "0", isGood: twice === 0 };
}

/** Sends queries with two relays, which every agent answers by its stream. */
async function queries(peers: readonly Peer[]): Promise<Finding[]> {
  for (const peer of peers) {
    peer.onRecord = ({ Event, ID }: EventRecord): void => {
      if (Event === "query") peer.rpc.respond(ID, Buffer.from(peer.name)).catch(() => {});
    };
  }
  let complete = 0;
  let atOnce = 0;
  let twice = 0;
  for (let i = 0; i < QUERIES; i += 4) {
    // Four at a time, from both kinds.
    const askers = [0, 1, 2, 3].map((n) => peers[(7 * (i + n)) % peers.length]).filter((peer) => peer !== undefined);
    await Promise.all(
      askers.map(async (asker) => {
        // If answers are missing, as on a busy machine, it asks again with more time. The first timeout is Serf's
        // default.
        for (let timeoutMs = 0; timeoutMs <= QUERY_TIMEOUT_MAX_MS; timeoutMs = Math.max(10_000, 2 * timeoutMs)) {
          const answers: string[] = [];
          const query = { name: "scale", relayFactor: 2, timeoutMs };
          await asker.rpc.query(query, { response: (from) => answers.push(from) });
          const distinct = new Set(answers).size;
          twice += answers.length - distinct;
          if (distinct < peers.length) continue;
          complete++;
          if (timeoutMs === 0) atOnce++;
          break;
        }
      }),
    );
  }
  return [
    finding("queries answered by all 40", complete, QUERIES, complete === QUERIES, "all"),
    finding("of them within Serf's own time", atOnce, QUERIES, atOnce >= QUERIES / 2, "at least half"),
    { what: "answers that came twice", figure: String(twice), wanted: "0", isGood: twice === 0 },
  ];
}

/** Kills some of each kind. Returns the others. */
async function kills(peers: readonly Peer[], findings: Finding[]): Promise<Peer[]> {
  const killed = peers.slice(-2 * KILLED_EACH);
  const rest = peers.slice(0, -2 * KILLED_EACH);
  await Promise.all(killed.map((peer) => peer.kill()));
  const startedAt = performance.now();
  const missing = async (): Promise<string | null> => {
    for (const peer of rest) {
      const failed = (await peer.view()).filter((line) => line.endsWith(" failed")).length;
      if (failed !== killed.length) return `${peer.name} sees ${failed} failed`;
    }
    return null;
  };
  const outcome = await until("all see the dead", missing, DETECTED_WITHIN_MS).then(
    () => seconds(startedAt),
    (error: unknown) => String(error),
  );
  findings.push({
    what: "10 killed, seen as failed by all 30",
    figure: outcome,
    wanted: "all",
    isGood: outcome.endsWith(" s"),
  });
  return rest;
}

/** One agent of each kind leaves. */
async function leaves(peers: readonly Peer[]): Promise<Finding> {
  const leavers = peers.slice(-2);
  const rest = peers.slice(0, -2);
  const names = leavers.map(({ name }) => name);
  // On a busy machine an agent may have failed and returned before.
  const heardBefore = new Map(rest.map((peer) => [peer, names.map((name) => peer.memberEvents(name).length)]));
  const heardSince = (peer: Peer): string[][] =>
    names.map((name, i) => peer.memberEvents(name).slice(heardBefore.get(peer)?.[i]));
  for (const leaver of leavers) await leaver.rpc.leave();
  const missing = (): string | null => {
    const late = rest.find((peer) => !heardSince(peer).every((types) => types.includes("member-leave")));
    return late === undefined ? null : `${late.name} has not heard`;
  };
  const heard = await until("all hear of the leaves", missing, DETECTED_WITHIN_MS).then(
    () => true,
    () => false,
  );
  // A late report of a failure would come within a few probes.
  await pause(5000);
  const misled = rest.filter((peer) => heardSince(peer).flat().includes("member-failed"));
  const ours = misled.filter(({ isOurs }) => isOurs).length;
  const theirs = misled.length - ours;
  const theirsMax = Math.floor(MISLED_SHARE_MAX * rest.filter(({ isOurs }) => !isOurs).length * leavers.length);
  const figure = heard ? `a failure is seen by ${ours} of ours, ${theirs} of Serf's` : "not all heard of it";
  return {
    what: "2 leave gracefully",
    figure: [figure, ...misled.map((peer) => `${peer.name} heard ${heardSince(peer).join(" and ")}`)].join("; "),
    wanted: `none of ours, at most ${theirsMax} of Serf's`,
    isGood: heard && ours === 0 && theirs <= theirsMax,
  };
}

function finding(what: string, count: number, of: number, isGood: boolean, wanted: string): Finding {
  return { what, figure: `${count} of ${of}`, wanted, isGood };
}

function kind(isOurs: boolean): string {
  return isOurs ? "ours" : "Serf's";
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
