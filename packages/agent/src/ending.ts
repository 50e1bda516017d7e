import type { Cluster } from "hearsay";
import { settlesWithin } from "./base/settles-within.ts";
import type { EventPipeline } from "./events/event-pipeline.ts";
import type { RpcServer } from "./faces/rpc/server.ts";
import type { LogRing } from "./log/log-ring.ts";
import type { ScriptRunner } from "./scripts/script-runner.ts";

/** Time that what waits for somebody else gets once the node has said goodbye and the scripts are over: all of it together. */
export const DRAIN_MS = 2000;

/** What an agent ends with. */
export interface EndingParts {
  readonly cluster: Cluster;
  readonly log: LogRing;
  readonly events: EventPipeline;
  readonly scripts: ScriptRunner;
  /** How long scripts that are at work, or whose events wait, may take. */
  readonly handlerTimeoutMs: number;
  /** Null while it doesn't listen yet. */
  readonly rpc: () => RpcServer | null;
}

/**
 * An agent's part in the order of an end (docs/design/decisions/0005-endings.md), which its node has begun or begins: no new work;
 * scripts beside the farewell; then RPC clients, pipes and standard output.
 */
export class Ending {
  /** Settles once everything has ended, but for what `drainLeftMs` is for. */
  readonly ended: Promise<void>;
  readonly #parts: EndingParts;
  #handlers: Promise<void> | null = null;
  #hasSaidGoodbye = false;
  #isAbrupt = false;
  #drainEndsAt = Number.POSITIVE_INFINITY;

  constructor(parts: EndingParts) {
    this.#parts = parts;
    // Whatever ends the node ends the agent.
    this.ended = parts.cluster.left.then(() => this.#run());
  }

  /** Whether the end has begun. */
  get hasBegun(): boolean {
    return this.#handlers !== null;
  }

  /** Whether the others have been told, and nothing was cut short on demand. */
  get isGraceful(): boolean {
    return this.#hasSaidGoodbye && !this.#isAbrupt;
  }

  /** What is left of the time for what waits for somebody else. */
  get drainLeftMs(): number {
    return Math.max(0, Math.min(DRAIN_MS, this.#drainEndsAt - performance.now()));
  }

  /** Begins to leave. Settles when the others have been told, or won't be. */
  async leave(): Promise<void> {
    this.#begin();
    void this.#parts.cluster.leave();
    await this.#parts.cluster.left;
    this.#hasSaidGoodbye = true;
  }

  /** Ends without a farewell, or with what has been said of it. */
  shutdown(): void {
    if (!this.#hasSaidGoodbye) this.#isAbrupt = true;
    this.#begin();
    void this.#parts.cluster.close();
  }

  /** Everything that runs is killed, and nothing is waited for: the process ends. */
  cut(): void {
    this.#isAbrupt = true;
    this.#parts.scripts.cut();
  }

  #begin(): void {
    if (this.#handlers !== null) return;
    const { events, scripts, handlerTimeoutMs } = this.#parts;
    // What has come until now is handled still.
    events.flush();
    this.#handlers = scripts.finish(handlerTimeoutMs);
  }

  async #run(): Promise<void> {
    const { cluster, events, scripts, rpc } = this.#parts;
    this.#begin();
    await this.#handlers;
    // What asked for the leave is answered first.
    await new Promise((resolve) => setImmediate(resolve));
    this.#drainEndsAt = performance.now() + DRAIN_MS;
    const others = Promise.all([cluster.closed, scripts.idle()]);
    await Promise.all([settlesWithin(others, this.drainLeftMs), rpc()?.close(DRAIN_MS)]);
    events.close();
  }
}
