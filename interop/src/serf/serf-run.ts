import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Missing, until } from "../until.ts";
import { Peer, type PeerOptions } from "./peer.ts";
import { HEARSAY, type Program } from "./programs.ts";

/** One fact to show about pools that Serf and Hearsay share. */
export interface SerfCase {
  readonly name: string;
  /** What a pass shows, as text for the table of results. */
  readonly shows: string;
  /** In which pools it runs. @defaultValue both */
  readonly pools?: readonly PoolKind[];
  run(run: SerfRun): Promise<void>;
}

/** Whether a pool encrypts. */
export type PoolKind = "plain" | "encrypted";

/**
 * Limit for conditions that may never come true. The longest wait, at the intervals of the profile "local", is for an
 * unconfirmed suspicion. That takes 18 s and is not rare: each piece of news is sent twice, possibly to members that
 * have just failed.
 */
const LIMIT_MS = 120_000;

/** The key of encrypted pools. */
export const KEY: string = Buffer.alloc(32, 7).toString("base64");

const TAIL_LINES = 30;

/** One run of one case: starts agents of both kinds in one pool, and ends them. */
export class SerfRun {
  readonly folder: string = mkdtempSync(join(tmpdir(), "hearsay-serf-"));
  readonly serf: Program;
  readonly kind: PoolKind;
  readonly #peers: Peer[] = [];

  constructor(serf: Program, kind: PoolKind) {
    this.serf = serf;
    this.kind = kind;
  }

  /** Starts an agent: Serf's own unless `ours` is set. */
  async start(name: string, ours: boolean, options: Partial<PeerOptions> = {}): Promise<Peer> {
    const keys = this.kind === "encrypted" && options.flags?.some((flag) => flag.startsWith("-keyring-file")) !== true;
    const flags = [...(keys ? [`-encrypt=${KEY}`] : []), ...(options.flags ?? [])];
    const peer = await Peer.start(ours ? HEARSAY : this.serf, { ...options, name, folder: this.folder, flags });
    this.#peers.push(peer);
    return peer;
  }

  /** Starts two agents of each kind, `real-1` to `ours-2`; resolves once all see each other. */
  async startPool(options: (name: string) => Partial<PeerOptions> = () => ({})): Promise<SerfPool> {
    const names = ["real-1", "real-2", "ours-1", "ours-2"] as const;
    const peers = await Promise.all(names.map((name) => this.start(name, name.startsWith("ours"), options(name))));
    const [real1, real2, ours1, ours2] = peers as [Peer, Peer, Peer, Peer];
    // Some join a real agent, one joins ours.
    await real2.rpc.join([real1.address]);
    await ours1.rpc.join([real1.address]);
    await ours2.rpc.join([ours1.address]);
    await this.untilAllSee(
      peers,
      names.map((name) => `${name} alive`),
    );
    // Member events are gathered for a second; from now on no batch contains old events.
    await this.untilAllHear(peers, names, "member-join");
    return { all: peers, real: [real1, real2], ours: [ours1, ours2] };
  }

  /** Waits until all see exactly these members, as `name status`. */
  async untilAllSee(peers: readonly Peer[], view: readonly string[], limitMs: number = LIMIT_MS): Promise<void> {
    const wanted = [...view].sort().join(", ");
    await until(
      `all see ${wanted}`,
      async () => {
        for (const peer of peers) {
          const seen = (await peer.view()).join(", ");
          if (seen !== wanted) return `${peer.name} sees ${seen}`;
        }
        return null;
      },
      limitMs,
    );
  }

  /** Waits until all agents have reported this event about each of these members other than themselves. */
  async untilAllHear(peers: readonly Peer[], names: readonly string[], type: string): Promise<void> {
    await this.until(`all hear ${type} of ${names.join()}`, () => {
      for (const peer of peers) {
        for (const name of names) {
          const events = peer.memberEvents(name);
          if (name !== peer.name && !events.includes(type)) return `${peer.name} heard of ${name}: ${events.join()}`;
        }
      }
      return null;
    });
  }

  until(what: string, missing: Missing, limitMs: number = LIMIT_MS): Promise<void> {
    return until(what, missing, limitMs);
  }

  /** The last lines of every agent's log. */
  recentLogs(): string {
    return this.#peers.map(({ name, lines }) => `--- ${name}\n${lines.slice(-TAIL_LINES).join("\n")}`).join("\n");
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.kill()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A pool of both kinds. */
export interface SerfPool {
  readonly all: readonly Peer[];
  readonly real: readonly [Peer, Peer];
  readonly ours: readonly [Peer, Peer];
}
