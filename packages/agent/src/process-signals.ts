import { constants } from "node:os";
import type { AgentSettings } from "./config/agent-settings.ts";
import type { LogRing } from "./log/log-ring.ts";

/** The actions of signals on an agent. */
export interface SignalTarget {
  /** Ends with a farewell; `shutdown` ends without one. */
  leave(): Promise<void>;
  shutdown(): Promise<void>;
  /** Kills what runs, as the process ends now. */
  cut(): void;
  /** Reads the configuration again. */
  reload(): void;
}

/**
 * Handles the signals of an agent's process, from before the agent starts until it has ended
 * (docs/design/decisions/0005-endings.md): the first signal ends the agent in order, the second one ends the process at
 * once.
 */
export class ProcessSignals {
  readonly #log: LogRing;
  #target: SignalTarget | null = null;
  /** Signals that came before the agent existed. */
  #waiting: ((target: SignalTarget) => void)[] = [];
  #isEnding = false;
  readonly #handlers: ReadonlyMap<NodeJS.Signals, () => void>;

  constructor(settings: AgentSettings, log: LogRing) {
    this.#log = log;
    this.#handlers = new Map<NodeJS.Signals, () => void>([
      ["SIGINT", () => this.#end("SIGINT", settings.leaveOnInterrupt)],
      ["SIGTERM", () => this.#end("SIGTERM", settings.leaveOnTerminate)],
      ["SIGHUP", () => this.#tell((target) => target.reload())],
    ]);
    for (const [signal, handle] of this.#handlers) process.on(signal, handle);
  }

  /** Sets the agent, which also gets the earlier signals. */
  attach(target: SignalTarget): void {
    this.#target = target;
    for (const tell of this.#waiting.splice(0)) tell(target);
  }

  /** From now on signals have their default effect. */
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
