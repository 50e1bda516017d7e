import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EventRecord, SerfRpcClient } from "@hearsay/agent/rpc";
import { until } from "../until.ts";
import { freePort } from "./free-port.ts";
import type { Program } from "./programs.ts";

/** How an agent of either kind starts: both take the same flags and files. */
export interface PeerOptions {
  readonly name: string;
  /** The folder for files of this test. */
  readonly folder: string;
  readonly flags?: readonly string[];
  /** Settings that only files can have. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** @defaultValue a free port */
  readonly port?: number;
  readonly authKey?: string;
  /** @defaultValue 127.0.0.1 */
  readonly host?: string;
  /** The words of a command that runs the agent, such as one that enters a namespace. */
  readonly wrapper?: readonly string[];
  /** The profile of timings. @defaultValue "local" */
  readonly profile?: "lan" | "local";
}

/** An agent that takes longer to listen hangs. */
const START_LIMIT_MS = 60_000;

/** A request without an answer within this time counts as unanswered. */
const ANSWER_LIMIT_MS = 60_000;

/** Kept lines of the log. */
const LINES_MAX = 2000;

/** One agent in a process of its own, a real Serf's or ours, driven over RPC. */
export class Peer {
  readonly name: string;
  readonly program: Program;
  readonly host: string;
  readonly port: number;
  readonly rpcPort: number;
  readonly lines: string[] = [];
  /** The records of its stream of all events. */
  readonly records: EventRecord[] = [];
  /** Called with each new record. */
  onRecord: (record: EventRecord) => void = () => {};
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #rpc: SerfRpcClient | null = null;
  #hasEnded = false;

  static async start(program: Program, options: PeerOptions): Promise<Peer> {
    const peer = new Peer(program, options, options.port ?? (await freePort()), await freePort());
    try {
      await peer.#connect(options.authKey);
      return peer;
    } catch (error) {
      await peer.kill();
      throw new Error(`${peer.name} does not start: ${error}\n${peer.lines.join("\n")}`);
    }
  }

  private constructor(program: Program, options: PeerOptions, port: number, rpcPort: number) {
    const {
      name,
      folder,
      flags = [],
      config = {},
      tags = {},
      authKey,
      profile = "local",
      host = "127.0.0.1",
    } = options;
    this.name = name;
    this.program = program;
    this.host = host;
    this.port = port;
    this.rpcPort = rpcPort;
    const file = join(folder, `${name}-${port}.json`);
    writeFileSync(file, JSON.stringify({ ...config, ...(authKey === undefined ? {} : { rpc_auth: authKey }) }));
    const args = [
      ...program.words,
      ...[`-config-file=${file}`, `-node=${name}`, `-bind=${host}:${port}`, `-rpc-addr=${host}:${rpcPort}`],
      ...[`-profile=${profile}`, "-log-level=debug"],
      ...Object.entries(tags).map(([tag, value]) => `-tag=${tag}=${value}`),
      ...flags,
    ];
    const [command = "", ...words] = [...(options.wrapper ?? []), program.command, ...args];
    this.#child = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    }
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", () => {
        this.#hasEnded = true;
        resolve(null);
      });
      this.#child.on("exit", (code) => {
        this.#hasEnded = true;
        resolve(code);
      });
    });
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get isOurs(): boolean {
    return this.program.label === "hearsay";
  }

  get rpc(): SerfRpcClient {
    if (this.#rpc === null) throw new Error(`${this.name} is not connected`);
    return this.#rpc;
  }

  /** Name and status of every member, as `name status`, in order. */
  async view(): Promise<string[]> {
    return (await this.rpc.members()).map(({ Name, Status }) => `${Name} ${Status}`).sort();
  }

  /** The types of one member's events, in order. */
  memberEvents(name: string): string[] {
    return this.records
      .filter(({ Members }) => Members?.some((member) => member.Name === name) === true)
      .map(({ Event }) => Event);
  }

  /** User events as `time name payload`, in order. */
  userEvents(): string[] {
    return this.records
      .filter(({ Event }) => Event === "user")
      .map(({ LTime, Name, Payload }) => `${LTime} ${Name} ${Buffer.from(Payload ?? []).toString()}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.#rpc?.close();
    if (this.#hasEnded) return;
    // SIGKILL also ends a stopped process.
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Settles with the exit code once the process has ended. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  async #connect(authKey: string | undefined): Promise<void> {
    const options = {
      host: this.host,
      port: this.rpcPort,
      timeoutMs: ANSWER_LIMIT_MS,
      ...(authKey === undefined ? {} : { authKey }),
    };
    await until(
      `${this.name} listens`,
      async () => {
        if (this.#hasEnded) throw new Error("the process has ended");
        try {
          this.#rpc = await SerfRpcClient.connect(options);
          return null;
        } catch (error) {
          return String(error);
        }
      },
      START_LIMIT_MS,
    );
    await this.rpc.stream("*", (record) => {
      this.records.push(record);
      this.onRecord(record);
    });
  }

  #keep(text: string): void {
    for (const line of text.split("\n")) if (line.trim() !== "") this.lines.push(line.trim());
    if (this.lines.length > LINES_MAX) this.lines.splice(0, this.lines.length - LINES_MAX);
  }
}
