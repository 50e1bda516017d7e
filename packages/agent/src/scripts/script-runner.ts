import { messageOf } from "../base/message-of.ts";
import { settlesWithin } from "../base/settles-within.ts";
import { type AgentEvent, describe } from "../events/agent-event.ts";
import { wants } from "../events/event-filter.ts";
import type { HandlerSpec } from "../events/handler-spec.ts";
import type { LogRing } from "../log/log-ring.ts";
import { type ScriptNode, scriptEnvironment, scriptInput } from "./script-input.ts";
import { ScriptProcess } from "./script-process.ts";

/** Events that may wait for their scripts; further ones are dropped. */
export const WAITING_EVENTS_MAX = 1024;

/** A script that runs longer is logged as a warning. */
const SLOW_MS = 1000;

/** Dropped events are logged when none wait any more, and at most this often while some do. */
const DROPPED_REPORT_MS = 10_000;

/** How scripts are run. */
export interface ScriptRunnerOptions {
  readonly node: () => ScriptNode;
  readonly log: LogRing;
  /** A script that takes longer is killed with all of its children, in milliseconds. */
  readonly limitMs: number;
}

/** Counters of scripts. */
export interface ScriptCounters {
  scriptsRun: number;
  /** Could not be started, or ended with a failure. */
  scriptsFailed: number;
  /** Killed because their time was over. */
  scriptsKilled: number;
  /** Killed because the agent ended, and `handlerTimeout` was over. */
  scriptsCut: number;
  /** Events for which no script ran, because too many waited, or the agent ended. */
  eventsDropped: number;
}

interface Waiting {
  readonly event: AgentEvent;
  readonly done: () => void;
}

/**
 * Runs scripts for events, one event at a time and in order, and for each event one script after the other
 * (docs/protocol/serf.md, section 21). A script that hangs is killed, so that the events after it get their turn.
 */
export class ScriptRunner {
  readonly counters: ScriptCounters = {
    scriptsRun: 0,
    scriptsFailed: 0,
    scriptsKilled: 0,
    scriptsCut: 0,
    eventsDropped: 0,
  };
  readonly #options: ScriptRunnerOptions;
  readonly #waiting: Waiting[] = [];
  #handlers: readonly HandlerSpec[] = [];
  #running: ScriptProcess | null = null;
  #isRunning = false;
  /** Callbacks for when nothing runs any more. */
  readonly #onIdle: (() => void)[] = [];
  #isClosed = false;
  #isCut = false;
  /** Dropped events that are not logged yet. */
  #untold = 0;
  #reportTimer: NodeJS.Timeout | undefined;

  constructor(options: ScriptRunnerOptions) {
    this.#options = options;
  }

  get handlers(): readonly HandlerSpec[] {
    return this.#handlers;
  }

  /** Events that wait for their scripts. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Sets the handlers; an event whose scripts already run keeps the previous ones. */
  setHandlers(handlers: readonly HandlerSpec[]): void {
    this.#handlers = handlers;
  }

  /**
   * Queues an event that some handler wants. The promise settles when its scripts have run; null if nothing is to run.
   */
  handle(event: AgentEvent): Promise<void> | null {
    if (this.#scriptsFor(event).length === 0) return null;
    if (this.#isClosed || this.#waiting.length >= WAITING_EVENTS_MAX) {
      this.#drop(1);
      return null;
    }
    const done = new Promise<void>((resolve) => this.#waiting.push({ event, done: resolve }));
    if (!this.#isRunning) void this.#run();
    return done;
  }

  /**
   * Takes no more events. Settles when the waiting events have had their scripts, or after `limitMs`, when the rest is
   * cut.
   */
  async finish(limitMs: number): Promise<void> {
    this.#isClosed = true;
    await settlesWithin(this.idle(), limitMs);
    this.cut();
  }

  /** Kills the running script and drops the waiting events; nothing runs from now on. */
  cut(): void {
    this.#isClosed = true;
    this.#isCut = true;
    if (this.#running !== null) {
      this.counters.scriptsCut++;
      this.#options.log.write("ERR", "agent: A script was still at work at the end; it is killed");
      this.#running.kill();
    }
    this.#drop(this.#waiting.length);
    for (const { done } of this.#waiting.splice(0)) done();
    this.#report("the agent ends");
  }

  /** Settles when nothing runs any more. */
  async idle(): Promise<void> {
    if (this.#isRunning) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      for (const script of this.#scriptsFor(next.event)) if (!this.#isCut) await this.#runScript(script, next.event);
      next.done();
    }
    this.#isRunning = false;
    for (const settle of this.#onIdle.splice(0)) settle();
    this.#report(`more than ${WAITING_EVENTS_MAX} waited`);
  }

  #scriptsFor(event: AgentEvent): string[] {
    return this.#handlers
      .filter(({ filters }) => filters.some((filter) => wants(filter, event)))
      .map(({ script }) => script);
  }

  async #runScript(script: string, event: AgentEvent): Promise<void> {
    const { log, limitMs, node } = this.#options;
    const env = { ...process.env, ...scriptEnvironment(event, node()) };
    const running = new ScriptProcess(script, env, scriptInput(event));
    this.#running = running;
    this.counters.scriptsRun++;
    const slow = setTimeout(
      () => log.write("WARN", `agent: Script '${script}' slow, execution exceeding ${SLOW_MS} ms`),
      SLOW_MS,
    );
    const limit = setTimeout(() => {
      this.counters.scriptsKilled++;
      log.write("ERR", `agent: Script '${script}' killed after ${limitMs} ms`);
      running.kill();
    }, limitMs);
    const { failure, isHeldOpen } = await running.ended;
    clearTimeout(slow);
    clearTimeout(limit);
    this.#running = null;
    const { output } = running;
    if (isHeldOpen) log.write("WARN", `agent: Script '${script}' left a process behind that holds its output open`);
    if (output.dropped > 0)
      log.write("WARN", `agent: Script '${script}' generated too much output, ${output.dropped} bytes dropped`);
    log.write("DEBUG", `agent: Event '${describe(event)}' script output: ${output.bytes().toString()}`);
    if (failure !== null) {
      this.counters.scriptsFailed++;
      log.write("ERR", `agent: Error invoking script '${script}': ${failure}`);
    } else if (event.kind === "query" && output.bytes().length > 0) {
      this.#respond(event.query, output.bytes());
    }
  }

  #respond(query: { readonly name: string; respond(payload: Uint8Array): void }, payload: Uint8Array): void {
    try {
      query.respond(payload);
    } catch (error) {
      const reason = messageOf(error);
      this.#options.log.write("WARN", `agent: Failed to respond to query '${query.name}': ${reason}`);
    }
  }

  #drop(count: number): void {
    this.counters.eventsDropped += count;
    this.#untold += count;
    if (this.#isClosed || count === 0) return;
    this.#reportTimer ??= setTimeout(() => this.#report(`more than ${WAITING_EVENTS_MAX} waited`), DROPPED_REPORT_MS);
    this.#reportTimer.unref();
  }

  #report(reason: string): void {
    clearTimeout(this.#reportTimer);
    this.#reportTimer = undefined;
    if (this.#untold === 0) return;
    this.#options.log.write("WARN", `agent: ${this.#untold} events for handlers dropped: ${reason}`);
    this.#untold = 0;
  }
}
