import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import {
  type JsonObject,
  type PeerEvent,
  type PeerNode,
  type PeerRecord,
  readBytes,
  readEvent,
  readList,
  readNode,
  readNumber,
  readObject,
  readRecord,
  readText,
} from "./go-peer-events.ts";
import type { PeerOptions } from "./go-peer-options.ts";

export { buildPeer, goAvailable } from "./go-peer-build.ts";
export type { PeerEvent, PeerNode, PeerRecord } from "./go-peer-events.ts";
export type { PeerOptions, PeerOverrides } from "./go-peer-options.ts";

/** An answer that takes longer means a hung peer. */
const ANSWER_LIMIT_MS = 60_000;
const READY_LIMIT_MS = 60_000;
/** Time that a peer has to end by itself before it is killed. */
const CLOSE_LIMIT_MS = 2_000;

type MemberEvent = Extract<PeerEvent, { readonly node: PeerNode }>;

interface Waiter<Value> {
  resolve(value: Value): void;
  reject(error: Error): void;
}

interface EventWaiter extends Waiter<PeerEvent> {
  readonly matches: (event: PeerEvent) => boolean;
}

/** One process with one node of the real memberlist library; `interop/peer/main.go` is its other half. */
export class GoPeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #events: PeerEvent[] = [];
  readonly #answers = new Map<number, Waiter<JsonObject>>();
  readonly #watchers = new Set<EventWaiter>();
  readonly #ended: Promise<void>;
  #end: Error | undefined;
  #lastId = 0;
  #name = "unnamed";
  #partialLine = "";
  #errorOutput = "";

  /** Starts the process, but not the node. `binary` comes from {@link buildPeer}. */
  static async spawn(binary: string): Promise<GoPeer> {
    const peer = new GoPeer(spawn(binary, { stdio: "pipe" }));
    await peer.waitFor((event) => event.event === "ready", READY_LIMIT_MS);
    return peer;
  }

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => this.#onText(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errorOutput += text;
    });
    // Writing to a killed peer fails here; its end is reported below.
    child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      child.on("error", (cause) => {
        this.#onEnd(cause.message);
        resolve();
      });
      child.on("close", (code, signal) => {
        this.#onEnd(signal === null ? `exit code ${code}` : signal);
        resolve();
      });
    });
  }

  /** Everything that the peer has reported, oldest first. */
  get events(): readonly PeerEvent[] {
    return this.#events;
  }

  /** memberlist's log lines, without time stamps. */
  get logLines(): readonly string[] {
    return this.#events.flatMap((event) => (event.event === "log" ? [event.line] : []));
  }

  /** The process's standard error: empty unless it crashed. */
  get errorOutput(): string {
    return this.#errorOutput;
  }

  /**
   * Resolves with the first event that matches, among those from index `since` of {@link events} and those to come.
   * Rejects after `limitMs`, and when the process ends first.
   */
  waitFor<Found extends PeerEvent>(
    matches: (event: PeerEvent) => event is Found,
    limitMs: number,
    since?: number,
  ): Promise<Found>;
  waitFor(matches: (event: PeerEvent) => boolean, limitMs: number, since?: number): Promise<PeerEvent>;
  waitFor(matches: (event: PeerEvent) => boolean, limitMs: number, since = 0): Promise<PeerEvent> {
    const known = this.#events.slice(since).find(matches);
    if (known !== undefined) return Promise.resolve(known);
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const watcher: EventWaiter = {
        matches,
        ...withLimit({ resolve, reject }, limitMs, () => {
          this.#watchers.delete(watcher);
          const last = this.logLines.slice(-5).join("\n");
          return new Error(`peer ${this.#name}: no such event in ${limitMs} ms: ${matches}; its last log:\n${last}`);
        }),
      };
      this.#watchers.add(watcher);
    });
  }

  /** Waits, as {@link waitFor} does, for an event of one member. */
  async waitForMember(
    kind: "join" | "leave" | "update",
    name: string,
    limitMs: number,
    since?: number,
  ): Promise<PeerNode> {
    const isNews = (event: PeerEvent): event is MemberEvent => event.event === kind && event.node.name === name;
    return (await this.waitFor(isNews, limitMs, since)).node;
  }

  /**
   * Sends one command and resolves with its answer. The other methods do this with types.
   *
   * @throws Error with the peer's words when it refuses or fails.
   */
  command(op: string, fields: JsonObject = {}): Promise<JsonObject> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const waiter = withLimit({ resolve, reject }, ANSWER_LIMIT_MS, () => {
        this.#answers.delete(id);
        return new Error(`peer ${this.#name}: no answer to ${op} in ${ANSWER_LIMIT_MS} ms`);
      });
      this.#answers.set(id, {
        resolve: waiter.resolve,
        reject: (error) => waiter.reject(new Error(`peer ${this.#name}: ${op}: ${error.message}`, { cause: error })),
      });
      this.#child.stdin.write(`${JSON.stringify({ ...fields, id, op })}\n`);
    });
  }

  /** Starts the node and returns where it listens. */
  async start(options: PeerOptions): Promise<{ name: string; addr: string; port: number }> {
    this.#name = options.name;
    const answer = await this.command("start", {
      ...options,
      keys: options.keys?.map(base64),
      meta: options.meta && base64(options.meta),
    });
    return { name: readText(answer, "name"), addr: readText(answer, "addr"), port: readNumber(answer, "port") };
  }

  /** Joins addresses like `127.0.0.1:7946`, and returns how many answered. */
  async join(addrs: readonly string[]): Promise<number> {
    return readNumber(await this.command("join", { addrs }), "count");
  }

  /** The members that the library lists as live, including suspects. */
  async members(): Promise<PeerNode[]> {
    return readList(await this.command("members"), "members").map(readNode);
  }

  /**
   * The whole table with states, including dead members. The peer queries itself by a push/pull, so it logs a stream.
   */
  async allNodes(): Promise<PeerRecord[]> {
    return readList(await this.command("allNodes"), "nodes").map(readRecord);
  }

  /**
   * Adds members without processes, named `prefix` and a number from 0, and returns the number of live members. Start
   * the node with a long probe interval and without periodic push/pull, or it detects that they don't exist.
   */
  async injectMembers(count: number, prefix: string): Promise<number> {
    return readNumber(await this.command("injectMembers", { count, prefix }), "members");
  }

  /** Changes the metadata. Resolves once it has been gossiped, or there is no other member. */
  async updateMeta(meta: Uint8Array, timeoutMs = 30_000): Promise<void> {
    await this.command("updateMeta", { meta: base64(meta), timeoutMs });
  }

  /** Queues a user message for gossip. */
  async broadcast(payload: Uint8Array): Promise<void> {
    await this.command("broadcast", { payload: base64(payload) });
  }

  /** Sends a user message to a live member in one datagram. */
  async sendBestEffort(to: string, payload: Uint8Array): Promise<void> {
    await this.command("sendBestEffort", { to, payload: base64(payload) });
  }

  /** Sends a user message to a live member over a stream. */
  async sendReliable(to: string, payload: Uint8Array): Promise<void> {
    await this.command("sendReliable", { to, payload: base64(payload) });
  }

  /** Pings `node` at `addr` (`host:port`), and returns the round trip in microseconds. */
  async ping(node: string, addr: string): Promise<number> {
    return readNumber(await this.command("ping", { node, addr }), "rttUs");
  }

  /** Changes the keyring and returns its keys, the primary first. */
  async keyring(action: "add" | "use" | "remove", key: Uint8Array): Promise<Uint8Array[]> {
    return readList(await this.command("keyring", { action, key: base64(key) }), "keys").map(readBytes);
  }

  /** The keys of the ring, the primary first. */
  async keys(): Promise<Uint8Array[]> {
    return readList(await this.command("keyring", { action: "list" }), "keys").map(readBytes);
  }

  /** The library's awareness score, 0 when healthy. */
  async health(): Promise<number> {
    return readNumber(await this.command("health"), "score");
  }

  /** Leaves the cluster. Resolves once the leave has been gossiped, or there is no other member. */
  async leave(timeoutMs = 30_000): Promise<void> {
    await this.command("leave", { timeoutMs });
  }

  /** Stops the node without leaving; the process stays until {@link close}. */
  async shutdown(): Promise<void> {
    await this.command("shutdown");
  }

  /** Ends the process at once, like a machine that fails, and resolves when it is gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }

  /** Freezes the process: its sockets stay open, but are not read. */
  stop(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Resumes a frozen process. */
  continue(): void {
    this.#child.kill("SIGCONT");
  }

  /** Ends the process, frozen or not, without leaving the cluster. Safe to call again, and after a kill. */
  async close(): Promise<void> {
    if (this.#end === undefined) {
      this.#child.stdin.end();
      this.continue();
    }
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), CLOSE_LIMIT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #onText(text: string): void {
    const lines = (this.#partialLine + text).split("\n");
    // An incomplete line of a killed peer is never read.
    this.#partialLine = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
  }

  #onLine(text: string): void {
    const line = readObject(JSON.parse(text));
    if ("event" in line) {
      this.#onEvent(readEvent(line, performance.now()));
      return;
    }
    const id = readNumber(line, "id");
    const waiter = this.#answers.get(id);
    this.#answers.delete(id);
    if (line["ok"] === true) waiter?.resolve(line);
    else waiter?.reject(new Error(readText(line, "error")));
  }

  #onEvent(event: PeerEvent): void {
    this.#events.push(event);
    for (const watcher of this.#watchers) {
      if (!watcher.matches(event)) continue;
      this.#watchers.delete(watcher);
      watcher.resolve(event);
    }
  }

  #onEnd(reason: string): void {
    this.#end ??= new Error(`peer ${this.#name} has ended: ${reason}\n${this.#errorOutput}`.trimEnd());
    for (const waiter of [...this.#answers.values(), ...this.#watchers]) waiter.reject(this.#end);
    this.#answers.clear();
    this.#watchers.clear();
  }
}

/** Gives a waiter a time limit, after which it fails with the error that `onLimit` returns. */
function withLimit<Value>(waiter: Waiter<Value>, limitMs: number, onLimit: () => Error): Waiter<Value> {
  const timer = setTimeout(() => waiter.reject(onLimit()), limitMs);
  return {
    resolve: (value) => {
      clearTimeout(timer);
      waiter.resolve(value);
    },
    reject: (error) => {
      clearTimeout(timer);
      waiter.reject(error);
    },
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
