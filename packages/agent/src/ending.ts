import type { Cluster } from "hearsay";
import { settlesWithin } from "./base/settles-within.ts";
import type { EventPipeline } from "./events/event-pipeline.ts";
import type { Face } from "./faces/face.ts";
import type { LogRing } from "./log/log-ring.ts";
import type { ScriptRunner } from "./scripts/script-runner.ts";

/**
 * Time for everything that depends on others (RPC clients, pipes, standard output) once the node has left and the
 * scripts are over: for all of it together.
 */
export const DRAIN_MS = 2000;

/** The parts of an agent that its end needs. */
export interface EndingParts {
  readonly cluster: Cluster;
  readonly log: LogRing;
  readonly events: EventPipeline;
  readonly scripts: ScriptRunner;
  /** Time that running scripts and waiting events may take. */
  readonly handlerTimeoutMs: number;
  /** The faces that have been opened. */
  readonly faces: readonly Face[];
}

/**
 * An agent's part in the order of an end (docs/design/decisions/0005-endings.md): no new work; scripts during the
 * farewell; then RPC clients, pipes and standard output. The node ends with it, whichever of them began.
 */
export class Ending {
  /** Settles once everything has ended except standard output, for which `drainLeftMs` remains. */
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

  /** Whether the other members have been told, and nothing was cut short on demand. */
  get isGraceful(): boolean {
    return this.#hasSaidGoodbye && !this.#isAbrupt;
  }

  /** What is left of `DRAIN_MS`. */
  get drainLeftMs(): number {
    return Math.max(0, Math.min(DRAIN_MS, this.#drainEndsAt - performance.now()));
  }

  /** Begins to leave. Settles once the other members have been told, or won't be. */
  async leave(): Promise<void> {
    this.#begin();
    void this.#parts.cluster.leave();
    await this.#parts.cluster.left;
    this.#hasSaidGoodbye = true;
  }

  /** Ends without a farewell, or with the part of it that has been sent. */
  shutdown(): void {
    if (!this.#hasSaidGoodbye) this.#isAbrupt = true;
    this.#begin();
    void this.#parts.cluster.close();
  }

  /** Kills all running scripts and waits for nothing: the process ends. */
  cut(): void {
    this.#isAbrupt = true;
    this.#parts.scripts.cut();
  }

  #begin(): void {
    if (this.#handlers !== null) return;
    const { events, scripts, handlerTimeoutMs } = this.#parts;
    // Events that have already come are still handled.
    events.flush();
    this.#handlers = scripts.finish(handlerTimeoutMs);
  }

  async #run(): Promise<void> {
    const { cluster, events, scripts, faces } = this.#parts;
    this.#begin();
    await this.#handlers;
    // The request for the leave is answered first.
    await new Promise((resolve) => setImmediate(resolve));
    this.#drainEndsAt = performance.now() + DRAIN_MS;
    const others = Promise.all([cluster.closed, scripts.idle()]);
    await Promise.all([settlesWithin(others, this.drainLeftMs), ...faces.map((face) => face.close(DRAIN_MS))]);
    events.close();
  }
}
