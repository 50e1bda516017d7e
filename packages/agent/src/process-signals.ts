import { constants } from "node:os";
import type { AgentConfig } from "./config/agent-config.ts";
import type { LogRing } from "./log/log-ring.ts";

/** What signals can do to an agent. */
export interface SignalTarget {
  /** Ends with a farewell, or without. */
  leave(): Promise<void>;
  shutdown(): Promise<void>;
  /** The process ends now. */
  cut(): void;
  /** Reads the configuration anew. */
  reload(): void;
}

/**
 * What signals do to the process of an agent, from before it starts until it has ended (docs/design/decisions/0005-endings.md): the
 * first one ends the agent in order, the second one the process at once.
 */
export class ProcessSignals {
  readonly #log: LogRing;
  #target: SignalTarget | null = null;
  /** What came before there was an agent. */
  #waiting: ((target: SignalTarget) => void)[] = [];
  #isEnding = false;
  readonly #handlers: ReadonlyMap<NodeJS.Signals, () => void>;

  constructor(config: AgentConfig, log: LogRing) {
    this.#log = log;
    this.#handlers = new Map<NodeJS.Signals, () => void>([
      ["SIGINT", () => this.#end("SIGINT", !config.skipLeaveOnInterrupt)],
      ["SIGTERM", () => this.#end("SIGTERM", config.leaveOnTerminate)],
      ["SIGHUP", () => this.#tell((target) => target.reload())],
    ]);
    for (const [signal, handle] of this.#handlers) process.on(signal, handle);
  }

  /** The agent is there; it gets what has come already. */
  attach(target: SignalTarget): void {
    this.#target = target;
    for (const tell of this.#waiting.splice(0)) tell(target);
  }

  /** From here on signals do what they do to any process. */
  detach(): void {
    for (const [signal, handle] of this.#handlers) process.removeListener(signal, handle);
  }

  #end(signal: NodeJS.Signals, leaves: boolean): void {
    this.#log.write("INFO", `agent: Caught signal: ${signal}`);
    if (this.#isEnding) {
      this.#target?.cut();
      process.exit(128 + constants.signals[signal]);
    }
    this.#isEnding = true;
    this.#tell((target) => void (leaves ? target.leave() : target.shutdown()));
  }

  #tell(tell: (target: SignalTarget) => void): void {
    if (this.#target === null) this.#waiting.push(tell);
    else tell(this.#target);
  }
}
