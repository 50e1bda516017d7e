import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HearsayOptions } from "hearsay";
import { Peer, type PeerOptions } from "../serf/peer.ts";
import { HEARSAY } from "../serf/programs.ts";
import { until } from "../until.ts";
import { SoakNode } from "./soak-node.ts";

/** A fact that must hold under load while the case runs. */
export interface SoakCase {
  readonly name: string;
  /** What a pass shows. */
  readonly shows: string;
  /** A case that takes longer hangs. */
  readonly limitMs: number;
  run(run: SoakRun): Promise<void>;
}

/** One run of one case: starts nodes and agents, records figures, and ends everything. */
export class SoakRun {
  /** The measured figures with their limits, as they are printed. */
  readonly figures: string[] = [];
  readonly folder: string = mkdtempSync(join(tmpdir(), "hearsay-soak-"));
  readonly #closers: (() => Promise<unknown>)[] = [];
  #isClosed = false;

  /** Starts nodes of the library, `n1` and so on, each of which joins the first. Resolves once all see each other. */
  async startNodes(count: number, options: HearsayOptions = {}): Promise<SoakNode[]> {
    const nodes: SoakNode[] = [];
    for (let i = 1; i <= count; i++) nodes.push(await this.startNode(`n${i}`, nodes[0]?.address ?? null, options));
    const view = nodes.map(({ name }) => `${name} alive`).sort();
    await until("the nodes see each other", () => differing(nodes, view), 30_000);
    return nodes;
  }

  async startNode(name: string, seed: string | null, options: HearsayOptions = {}): Promise<SoakNode> {
    const node = await SoakNode.start(name, options);
    this.atEnd(() => node.kill());
    if (seed !== null) await node.join(seed);
    return node;
  }

  /** Starts one of our agents. */
  async startAgent(options: Omit<PeerOptions, "folder">): Promise<Peer> {
    const peer = await Peer.start(HEARSAY, { profile: "lan", ...options, folder: this.folder });
    this.atEnd(() => peer.kill());
    return peer;
  }

  /**
   * Registers what to end with the run. If the run is over, ends it at once, since a case that hung or failed may still
   * be starting something.
   */
  atEnd(close: () => Promise<unknown>): void {
    if (this.#isClosed) void close();
    else this.#closers.push(close);
  }

  /**
   * Records a figure with its limit and with an earlier figure from two quiet cores.
   *
   * @throws Error if it is over the limit
   */
  figure(what: string, value: number, limit: number, unit: string, once: string): void {
    this.figures.push(`${what}: ${rounded(value)} ${unit} (limit ${rounded(limit)}; ${once})`);
    if (!(value <= limit)) throw new Error(`${what}: ${rounded(value)} ${unit}, over the limit of ${limit}`);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#closers.map((close) => close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A node whose view differs from this one, with its view; null if there is none. */
export async function differing(nodes: readonly SoakNode[], view: readonly string[]): Promise<string | null> {
  for (const node of nodes) {
    const seen = (await node.look()).view;
    if (seen.join() !== view.join()) return `${node.name} sees ${seen.slice(0, 20).join(", ")}`;
  }
  return null;
}

function rounded(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}
