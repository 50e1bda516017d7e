import type { MemberlistOptions } from "hearsay";
import { buildPeer, type PeerOptions } from "./go-peer.ts";
import { LogRules } from "./log-rules.ts";
import { GoNode } from "./nodes/go-node.ts";
import { HearsayChild } from "./nodes/hearsay-child.ts";
import { HearsayNode } from "./nodes/hearsay-node.ts";
import type { TestNode } from "./nodes/test-node.ts";
import { hearsayTimings, type Pace, peerOverrides, type Timings } from "./pace.ts";
import { type Missing, until } from "./until.ts";

/** One fact to show about mixed clusters. */
export interface Case {
  /** In kebab-case; the command line selects the case by it. */
  readonly name: string;
  /** What a pass shows, as text for the table of results. */
  readonly shows: string;
  run(run: CaseRun): Promise<void>;
}

/** Lines of each node's log in a failure's report. */
const TAIL_LINES = 25;

/** One run of one case: starts the nodes, knows their expected log lines, and ends them. */
export class CaseRun {
  readonly pace: Pace;
  readonly rules: LogRules = new LogRules();
  readonly #nodes: TestNode[] = [];
  #timings: Timings;

  constructor(pace: Pace) {
    this.pace = pace;
    this.#timings = pace.timings;
  }

  /** Changes the timings of nodes that start later, of both kinds alike. */
  tune(timings: Partial<Timings>): void {
    this.#timings = { ...this.#timings, ...timings };
  }

  /** Starts a Go node on loopback with this run's timings. */
  async startGo(name: string, options: Partial<PeerOptions> = {}): Promise<GoNode> {
    const overrides = { ...peerOverrides(this.#timings), ...options.overrides };
    const node = await GoNode.start(await buildPeer(), { ...options, name, overrides });
    this.#nodes.push(node);
    return node;
  }

  /** Starts a Hearsay node in this process, on loopback with this run's timings. */
  async startHearsay(name: string, options: Partial<MemberlistOptions> = {}): Promise<HearsayNode> {
    const node = await HearsayNode.start(this.#hearsayOptions(name, options));
    this.#nodes.push(node);
    return node;
  }

  /** Starts a Hearsay node in a process of its own. */
  async startChild(name: string, options: Partial<MemberlistOptions> = {}): Promise<HearsayChild> {
    const node = await HearsayChild.start(this.#hearsayOptions(name, options));
    this.#nodes.push(node);
    return node;
  }

  /** Waits for a condition that takes a few gossip intervals or one push/pull. */
  untilSpread(what: string, missing: Missing): Promise<void> {
    return until(what, missing, this.pace.spreadLimitMs);
  }

  /** Waits for a condition that takes a suspicion. */
  untilDetected(what: string, missing: Missing): Promise<void> {
    return until(what, missing, this.pace.detectLimitMs);
  }

  /** Log lines that the case doesn't expect, with the names of their nodes. */
  unexpectedLines(): string[] {
    return this.#nodes.flatMap((node) =>
      this.rules.unexpected(node.kind, node.logLines).map((line) => `${node.name}: ${line}`),
    );
  }

  /** The last lines of every node's log, for the analysis of a failure. */
  recentLogs(): string {
    return this.#nodes
      .map(({ kind, name, address, logLines }) =>
        [`--- ${name} (${kind}, ${address}), last lines of ${logLines.length}`, ...logLines.slice(-TAIL_LINES)].join(
          "\n",
        ),
      )
      .join("\n");
  }

  /** Ends all nodes. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#nodes.map((node) => node.close()));
  }

  #hearsayOptions(
    nodeName: string,
    options: Partial<MemberlistOptions>,
  ): MemberlistOptions & { readonly nodeName: string } {
    const timings = { ...hearsayTimings(this.#timings), ...options.timings };
    return { bind: { host: "127.0.0.1", port: 0 }, ...options, flavour: "memberlist", nodeName, timings };
  }
}
