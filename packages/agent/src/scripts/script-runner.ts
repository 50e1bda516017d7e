import { type ChildProcess, spawn } from "node:child_process";
import { type AgentEvent, describe } from "../events/agent-event.ts";
import { wants } from "../events/event-filter.ts";
import type { LogRing } from "../log/log-ring.ts";
import type { HandlerSpec } from "./handler-spec.ts";
import { type ScriptNode, scriptEnvironment, scriptInput } from "./script-input.ts";
import { TailBuffer } from "./tail-buffer.ts";

/** Bytes of a script's output that are kept: the last ones. */
export const OUTPUT_BYTES_MAX = 8192;

/** Events that wait for their scripts; beyond it further ones are dropped. */
export const WAITING_EVENTS_MAX = 1024;

/** A script that runs for longer is worth a warning. */
const SLOW_MS = 1000;

/** How scripts are run. */
export interface ScriptRunnerOptions {
  readonly node: () => ScriptNode;
  readonly log: LogRing;
  /** A script that takes longer is killed, with all that it started, in milliseconds. */
  readonly limitMs: number;
}

/** What has been counted. */
export interface ScriptCounters {
  scriptsRun: number;
  scriptsFailed: number;
  /** Killed because their time was over. */
  scriptsKilled: number;
  /** Events for which no script ran, because too many waited. */
  eventsDropped: number;
}

/**
 * Runs scripts for events, one event at a time and in order, and for each event one script after the other
 * (docs/protocol/serf.md, section 21). A script that hangs is killed, so that the events behind it get their turn.
 */
export class ScriptRunner {
  readonly counters: ScriptCounters = { scriptsRun: 0, scriptsFailed: 0, scriptsKilled: 0, eventsDropped: 0 };
  readonly #options: ScriptRunnerOptions;
  readonly #waiting: AgentEvent[] = [];
  #handlers: readonly HandlerSpec[] = [];
  #child: ChildProcess | null = null;
  #isRunning = false;
  #isClosed = false;

  constructor(options: ScriptRunnerOptions) {
    this.#options = options;
  }

  get handlers(): readonly HandlerSpec[] {
    return this.#handlers;
  }

  /** For events from now on; one that is under way ends as it began. */
  setHandlers(handlers: readonly HandlerSpec[]): void {
    this.#handlers = handlers;
  }

  /** Queues an event that some handler wants. */
  handle(event: AgentEvent): void {
    if (this.#isClosed || this.#scriptsFor(event).length === 0) return;
    if (this.#waiting.length >= WAITING_EVENTS_MAX) {
      this.counters.eventsDropped++;
      return;
    }
    this.#waiting.push(event);
    if (!this.#isRunning) void this.#run();
  }

  /** Runs nothing more, and kills what runs. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    if (this.#child !== null) killGroup(this.#child);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      for (const script of this.#scriptsFor(event)) if (!this.#isClosed) await this.#runScript(script, event);
    }
    this.#isRunning = false;
  }

  #scriptsFor(event: AgentEvent): string[] {
    return this.#handlers
      .filter(({ filters }) => filters.some((filter) => wants(filter, event)))
      .map(({ script }) => script);
  }

  async #runScript(script: string, event: AgentEvent): Promise<void> {
    const { log, limitMs, node } = this.#options;
    const env = { ...process.env, ...scriptEnvironment(event, node()) };
    const [shell, flag] = process.platform === "win32" ? ["cmd", "/C"] : ["/bin/sh", "-c"];
    // A group of its own, so that what the script starts can be killed with it.
    const child = spawn(shell, [flag, script], { env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    this.#child = child;
    this.counters.scriptsRun++;
    const output = new TailBuffer(OUTPUT_BYTES_MAX);
    child.stdout.on("data", (chunk: Buffer) => output.write(chunk));
    child.stderr.on("data", (chunk: Buffer) => output.write(chunk));
    // A script need not read its input.
    child.stdin.on("error", () => {});
    child.stdin.end(scriptInput(event));
    const slow = setTimeout(
      () => log.write("WARN", `agent: Script '${script}' slow, execution exceeding ${SLOW_MS} ms`),
      SLOW_MS,
    );
    const limit = setTimeout(() => {
      this.counters.scriptsKilled++;
      log.write("ERR", `agent: Script '${script}' killed after ${limitMs} ms`);
      killGroup(child);
    }, limitMs);
    const outcome = await outcomeOf(child);
    clearTimeout(slow);
    clearTimeout(limit);
    this.#child = null;
    if (output.dropped > 0)
      log.write("WARN", `agent: Script '${script}' generated too much output, ${output.dropped} bytes dropped`);
    log.write("DEBUG", `agent: Event '${describe(event)}' script output: ${output.bytes().toString()}`);
    if (outcome !== null) {
      this.counters.scriptsFailed++;
      log.write("ERR", `agent: Error invoking script '${script}': ${outcome}`);
    } else if (event.kind === "query" && output.bytes().length > 0) {
      this.#respond(event.query, output.bytes());
    }
  }

  #respond(query: { readonly name: string; respond(payload: Uint8Array): void }, payload: Uint8Array): void {
    try {
      query.respond(payload);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.write("WARN", `agent: Failed to respond to query '${query.name}': ${reason}`);
    }
  }
}

/** Why a process failed; null if it did not. Settles once it has ended and all its output is there. */
function outcomeOf(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? null : `exit status ${code ?? signal}`));
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
