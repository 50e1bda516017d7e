import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CauseReport, ChangeReport, NodeCommand, NodeReport, View } from "./reports.ts";

/** The state of a node's process. In `left` and `ended` it has ended by itself; `ended` was unexpected. */
export type ProcessState = "stopped" | "starting" | "running" | "paused" | "leaving" | "crashed" | "left" | "ended";

/** Reports of a node's process other than its view. */
export interface NodeEvents {
  onChange(node: SupervisedNode, change: ChangeReport): void;
  onPublished(id: number, atMs: number): void;
  onHeard(node: SupervisedNode, id: number, atMs: number): void;
  onExplained(id: number, causes: readonly CauseReport[]): void;
  /** The node has changed; `fault` is the error, if there was one. */
  onState(node: SupervisedNode, fault: string | null): void;
}

const PROGRAM = fileURLToPath(new URL("./node-process.js", import.meta.url));
const NO_VIEW: View = { status: "starting", members: [] };

/** One node of the demo as its supervisor sees it: a name, a fixed address, and a series of processes. */
export class SupervisedNode {
  readonly name: string;
  readonly #events: NodeEvents;
  #child: ChildProcess | null = null;
  #state: ProcessState = "stopped";
  #address: string | null = null;
  #view: View = NO_VIEW;

  constructor(name: string, events: NodeEvents) {
    this.name = name;
    this.#events = events;
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** `host:port` of the first start, kept over restarts; null before. */
  get address(): string | null {
    return this.#address;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** The last reported view. */
  get view(): View {
    return this.#view;
  }

  start(join: readonly string[]): void {
    if (this.#child !== null) return;
    const port = Number(this.#address?.split(":").at(-1) ?? 0);
    const args = [JSON.stringify({ name: this.name, port, join })];
    // Its standard output would break the table; its errors arrive as a report or as its exit.
    const child = fork(PROGRAM, args, { stdio: ["ignore", "ignore", "ignore", "ipc"], execArgv: [] });
    this.#child = child;
    this.#view = NO_VIEW;
    child.on("message", (message) => this.#onReport(child, message as NodeReport));
    child.on("error", (error) => this.#events.onState(this, error.message));
    child.on("exit", (code, signal) => this.#onExit(child, code, signal));
    this.#enter("starting");
  }

  /** Kills the process with SIGKILL: no farewell, and no chance to answer. */
  crash(): void {
    if (this.#child === null) return;
    this.#enter("crashed");
    this.#child.kill("SIGKILL");
  }

  pause(): void {
    if (this.#state === "running" && this.#child?.kill("SIGSTOP") === true) this.#enter("paused");
  }

  resume(): void {
    if (this.#state === "paused" && this.#child?.kill("SIGCONT") === true) this.#enter("running");
  }

  leave(): void {
    if (this.#state !== "running") return;
    this.#enter("leaving");
    this.tell({ type: "leave" });
  }

  tell(command: NodeCommand): void {
    // The channel may have closed before the exit is reported.
    if (this.#child?.connected === true) this.#child.send(command, () => {});
  }

  #onReport(child: ChildProcess, report: NodeReport): void {
    // Reports of a killed process don't concern its successor.
    if (child !== this.#child || this.#state === "crashed") return;
    if (report.type === "bound") {
      this.#address = report.address;
      this.#enter("running");
    } else if (report.type === "view") {
      this.#view = report.view;
      this.#events.onState(this, null);
    } else if (report.type === "change") {
      this.#view = report.view;
      this.#events.onChange(this, report.change);
    } else if (report.type === "published") this.#events.onPublished(report.id, report.atMs);
    else if (report.type === "heard") this.#events.onHeard(this, report.id, report.atMs);
    else if (report.type === "explained") this.#events.onExplained(report.id, report.causes);
    else this.#events.onState(this, report.message);
  }

  #onExit(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (child !== this.#child) return;
    this.#child = null;
    if (this.#state === "crashed") return this.#events.onState(this, null);
    if (this.#state === "leaving" && code === 0) return this.#enter("left");
    this.#state = "ended";
    this.#events.onState(this, `its process ended by itself with ${signal ?? `exit code ${code}`}`);
  }

  #enter(state: ProcessState): void {
    this.#state = state;
    this.#events.onState(this, null);
  }
}
