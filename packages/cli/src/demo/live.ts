import type { EventEmitter } from "node:events";
import { performance } from "node:perf_hooks";
import { type Action, actionsOf, COMMANDS, type Command } from "./keys.ts";
import { Screen, type TerminalOutput } from "./screen.ts";
import { type Style, styleFor } from "./style.ts";
import type { SupervisedNode } from "./supervised-node.ts";
import { type Delivery, type SeenChange, Supervisor } from "./supervisor.ts";
import { cut, tableLines } from "./table.ts";
import { CAN_PAUSE, TIMINGS_TEXT } from "./timings.ts";
import { causeText, spanText } from "./words.ts";

/** The terminal of the live demo. */
export interface LiveTerminal {
  readonly version: string;
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly env: NodeJS.ProcessEnv;
}

/** The required part of a terminal's input; a `tty.ReadStream` has it. */
export interface TerminalInput extends EventEmitter {
  readonly isRaw: boolean;
  setRawMode(isRaw: boolean): unknown;
  pause(): unknown;
}

/** One line of the feed. Its subject is painted. */
interface FeedLine {
  readonly atMs: number;
  readonly subject: string;
  readonly paint: (text: string) => string;
  readonly text: string;
}

/** Lines that the feed keeps; a screen shows the last of them. */
const FEED_MAX = 200;
/** Interval at which ages and round trips are redrawn; changes are shown at once. */
const REDRAW_MS = 250;

/** Shows the table and handles keys until the user quits or the signal aborts. */
export async function runLive(terminal: LiveTerminal, signal: AbortSignal): Promise<void> {
  const live = new Live(terminal);
  const onExit = (): void => live.close();
  process.once("exit", onExit);
  try {
    await live.run(signal);
  } finally {
    live.close();
    process.removeListener("exit", onExit);
  }
}

class Live {
  readonly #terminal: LiveTerminal;
  readonly #screen: Screen;
  readonly #style: Style;
  readonly #supervisor: Supervisor;
  readonly #beganAtMs = performance.now();
  readonly #feed: FeedLine[] = [];
  #selected = 2;
  #observerName = "node-1";
  #quit: () => void = () => {};

  constructor(terminal: LiveTerminal) {
    this.#terminal = terminal;
    this.#screen = new Screen(terminal.output);
    this.#style = styleFor(true, terminal.env);
    this.#supervisor = new Supervisor({
      onChange: (change) => this.#onChange(change),
      onFault: (node, fault) => this.#say(fault, node.name, this.#style.bad),
      onUpdate: () => this.#draw(),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { input, output } = this.#terminal;
    const over = new Promise<void>((resolve) => {
      this.#quit = resolve;
    });
    signal.addEventListener("abort", () => this.#quit(), { once: true });
    const onData = (data: Buffer): void => {
      for (const action of actionsOf(data.toString())) this.#obey(action);
    };
    const onResize = (): void => {
      this.#screen.invalidate();
      this.#draw();
    };
    const timer = setInterval(() => this.#draw(), REDRAW_MS);
    this.#screen.open();
    input.setRawMode(true);
    input.on("data", onData);
    output.on("resize", onResize);
    this.#draw();
    try {
      await Promise.race([this.#supervisor.startAll(), over]);
      await over;
    } finally {
      clearInterval(timer);
      input.removeListener("data", onData);
      output.removeListener("resize", onResize);
      input.pause();
    }
  }

  /** Ends the processes and restores the terminal. Safe to call twice, and in an exit handler. */
  close(): void {
    this.#screen.close();
    if (this.#terminal.input.isRaw) this.#terminal.input.setRawMode(false);
    this.#supervisor.close();
  }

  #obey(action: Action): void {
    const { nodes } = this.#supervisor;
    if (action.type === "select") this.#selected = Math.min(action.index, nodes.length - 1);
    else if (action.type === "move") this.#selected = (this.#selected + action.by + nodes.length) % nodes.length;
    else this.#command(action.type);
    this.#draw();
  }

  #command(command: Command): void {
    if (command === "quit") return this.#quit();
    const node = this.#supervisor.nodes[this.#selected];
    if (node === undefined) return;
    const refusal = refusalOf(command, node);
    if (refusal !== null) return this.#say(`${node.name} is ${node.state}: ${refusal}`);
    switch (command) {
      case "crash":
        this.#say(`you kill ${node.name} (SIGKILL)`);
        return node.crash();
      case "pause":
        this.#say(`you pause ${node.name} (SIGSTOP); resume it while it is suspect, and it refutes`);
        return node.pause();
      case "resume":
        this.#say(`you let ${node.name} go on (SIGCONT)`);
        return node.resume();
      case "start":
        this.#say(`you start ${node.name}`);
        return this.#supervisor.start(node);
      case "leave":
        this.#say(`you ask ${node.name} to leave`);
        return node.leave();
      case "message":
        return void this.#message(node);
      case "explain":
        return void this.#explain(node);
      case "view":
        this.#observerName = node.name;
    }
  }

  /** Publishes from a node and shows when each of the others has received it. */
  async #message(node: SupervisedNode): Promise<void> {
    const receivers = this.#supervisor.running.length - 1;
    const delivery: Delivery = this.#supervisor.publish(node);
    const isDone = (): boolean => delivery.publishedAtMs !== null && delivery.heardAtMs.size >= receivers;
    await this.#supervisor.until(isDone, 2000);
    const { publishedAtMs, heardAtMs } = delivery;
    const heard = [...heardAtMs].map(([name, atMs]) => `${name} ${spanText(atMs - (publishedAtMs ?? atMs))}`);
    this.#say(`an urgent message from ${node.name}: ${heard.length === 0 ? "heard by nobody" : heard.join(", ")}`);
  }

  async #explain(node: SupervisedNode): Promise<void> {
    const observer = this.#observer();
    if (observer === null) return;
    const causes = await this.#supervisor.explain(observer, node.name);
    this.#say(`what ${observer.name} knows of ${node.name}:`);
    const lastAtMs = causes?.at(-1)?.atMs ?? 0;
    for (const cause of causes ?? []) {
      const text = causeText(cause, (address) => this.#nameOf(address));
      this.#say(`  ${spanText(lastAtMs - cause.atMs)} before: ${text}`);
    }
  }

  #onChange(change: SeenChange): void {
    // Like the table, the feed shows one node's view only.
    if (change.observer !== this.#observer()?.name) return;
    const text = causeText(change.cause, (address) => this.#nameOf(address));
    this.#say(text, `${change.name} ${change.type}`, paintOf(change, this.#style));
  }

  #say(text: string, subject = "", paint: FeedLine["paint"] = String): void {
    this.#feed.push({ atMs: performance.now() - this.#beganAtMs, subject, paint, text });
    if (this.#feed.length > FEED_MAX) this.#feed.shift();
    this.#draw();
  }

  /** The node whose view is shown; if it doesn't run, the first one that does. */
  #observer(): SupervisedNode | null {
    const { running } = this.#supervisor;
    return running.find(({ name }) => name === this.#observerName) ?? running[0] ?? null;
  }

  #nameOf(address: string): string | null {
    return this.#supervisor.nodes.find((node) => node.address === address)?.name ?? null;
  }

  #draw(): void {
    const { columns, rows } = this.#screen;
    const { strong, faint } = this.#style;
    const observer = this.#observer();
    const seenBy = observer === null ? "nobody runs" : `seen by ${observer.name}, which is ${observer.view.status}`;
    const nodes = this.#supervisor.nodes.map(({ name, address, state }) => ({ name, address, process: state }));
    const table = tableLines({ nodes, observer, selected: this.#selected, nowMs: Date.now() }, columns, this.#style);
    const keys = `1-5, arrows: choose   ${COMMANDS.map(({ key, text }) => `${key} ${text}`).join("   ")}`;
    const help = wrap(keys, columns).map(faint);
    const title = `hearsay ${this.#terminal.version}: five processes, one cluster, ${seenBy}`;
    const top = [strong(cut(title, columns)), faint(cut(`${TIMINGS_TEXT}.`, columns)), "", ...table, ""];
    const room = Math.max(0, rows - top.length - help.length - 1);
    const feed = room === 0 ? [] : this.#feed.slice(-room).map((line) => feedText(line, columns));
    const padding = Array.from({ length: room - feed.length }, () => "");
    this.#screen.draw([...top, ...feed, ...padding, "", ...help]);
  }
}

/** Why a command is impossible in a node's state; null if it is possible. */
function refusalOf(command: Command, { state, pid }: SupervisedNode): string | null {
  const isStoppable = command === "pause" || command === "resume";
  if (isStoppable && !CAN_PAUSE) return "this system can't pause a process";
  if (command === "start") return pid === null ? null : "it runs already";
  if (command === "resume") return state === "paused" ? null : "only a paused node can go on";
  if (command === "crash") return pid !== null && state !== "crashed" ? null : "it doesn't run";
  if (command === "view" || command === "explain")
    return command === "view" && state !== "running" ? "it sees nothing" : null;
  return state === "running" ? null : "it would have to run for that";
}

function paintOf({ type }: SeenChange, { good, warning, bad, faint }: Style): (text: string) => string {
  if (type === "suspected") return warning;
  if (type === "failed") return bad;
  return type === "left" || type === "reaped" ? faint : good;
}

/** Breaks the key line between keys. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const part of text.split("   ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + part.length <= columns) lines[lines.length - 1] = `${last}   ${part}`;
    else lines.push(cut(part, columns));
  }
  return lines;
}

function feedText({ atMs, subject, paint, text }: FeedLine, columns: number): string {
  const time = `${`${(atMs / 1000).toFixed(1)} s`.padStart(8)}  `;
  const line = cut(`${time}${subject === "" ? text : `${subject}: ${text}`}`, columns);
  const end = time.length + subject.length;
  return `${line.slice(0, time.length)}${paint(line.slice(time.length, end))}${line.slice(end)}`;
}
