import { HEARSAY, type Peer, type Program, SerfRun, serfPrograms } from "@hearsay/interop/serf";
import { rest } from "./pool.ts";
import { percentile, type Row, row } from "./rows.ts";

const AGENTS = 20;

/** After this time an event is no longer gossiped, so that the next one starts in a quiet pool. */
const QUIET_MS = 1500;

/** An event that has not reached all agents by then counts as missed. */
const LIMIT_MS = 10_000;

/**
 * The time from a user event until the last of 20 agents' streams reports it, for a pool of our agents and a pool of
 * Serf's newest release, in turn. All are processes of their own with the timings of the profile "lan", followed over
 * RPC.
 */
export async function serfEvent(events: number): Promise<Row[]> {
  const { newest } = await serfPrograms();
  const ours = await Pool.start(HEARSAY, newest);
  const theirs = await Pool.start(newest, newest);
  try {
    await rest(5000);
    for (let i = 0; i < events; i++) {
      await ours.measure(i);
      await theirs.measure(i);
    }
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
  const last = "time to the last of 20 agents, ";
  return [
    row("serf-event", `${last}median`, "ms", ours.times, theirs.times),
    row("serf-event", `${last}99th percentile`, "ms", [percentile(ours.times, 99)], [percentile(theirs.times, 99)]),
    row("serf-event", `events that missed an agent for ${LIMIT_MS / 1000} s`, "events", [ours.missed], [theirs.missed]),
  ];
}

/** 20 agents of one kind, whose streams are watched. */
class Pool {
  readonly times: number[] = [];
  missed = 0;
  readonly #run: SerfRun;
  readonly #peers: readonly Peer[];
  #payload = "";
  #left = 0;
  #onLast: () => void = () => {};

  private constructor(run: SerfRun, peers: readonly Peer[]) {
    this.#run = run;
    this.#peers = peers;
    for (const peer of peers) {
      peer.onRecord = ({ Payload }) => {
        if (Buffer.from(Payload ?? []).toString() === this.#payload && --this.#left === 0) this.#onLast();
      };
    }
  }

  static async start(program: Program, serf: Program): Promise<Pool> {
    const run = new SerfRun(serf, "plain");
    const peers: Peer[] = [];
    for (let i = 0; i < AGENTS; i++) {
      const peer = await run.start(`agent-${i}`, program === HEARSAY, { profile: "lan" });
      if (peers[0] !== undefined) await peer.rpc.join([peers[0].address]);
      peers.push(peer);
    }
    const view = peers.map(({ name }) => `${name} alive`);
    await run.untilAllSee(peers, view, 60_000);
    return new Pool(run, peers);
  }

  /** Measures one event; the agents take turns as its origin. */
  async measure(index: number): Promise<void> {
    await rest(QUIET_MS);
    this.#payload = `event ${index}`;
    this.#left = this.#peers.length;
    let everywhereAt = Number.NaN;
    const everywhere = new Promise<void>((resolve) => {
      this.#onLast = () => {
        everywhereAt = performance.now();
        resolve();
      };
    });
    const startedAt = performance.now();
    await this.#peers[index % AGENTS]?.rpc.event("bench", Buffer.from(this.#payload), false);
    await Promise.race([everywhere, rest(LIMIT_MS)]);
    if (Number.isNaN(everywhereAt)) this.missed++;
    else this.times.push(everywhereAt - startedAt);
  }

  close(): Promise<void> {
    return this.#run.close();
  }
}
