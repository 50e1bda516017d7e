import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SerfRpcClient } from "../../dist/faces/rpc/index.js";
import { eventually } from "../support.js";

export const COMMAND: string = fileURLToPath(new URL("../../dist/bin/hearsay-agent.js", import.meta.url));

/** `hearsay-agent` as a process, on free ports of this machine. */
export class AgentProcess {
  output = "";
  /** The exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  /** The same, though what it printed may not have been read. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(...flags: readonly string[]) {
    const local = ["-bind=127.0.0.1:0", "-rpc-addr=127.0.0.1:0", "-profile=local"];
    this.#child = spawn(process.execPath, [COMMAND, ...local, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
    this.exited = new Promise((resolve) => this.#child.once("exit", resolve));
    this.ended = new Promise((resolve) => this.#child.once("close", resolve));
  }

  /** Waits until it says so. */
  async says(text: string): Promise<this> {
    await eventually(() => this.output.includes(text), `the agent says ${text}, but it says\n${this.output}`);
    return this;
  }

  running(): Promise<this> {
    return this.says("Log data will now stream in");
  }

  /** Where others join it. */
  get address(): string {
    return /Bind addr: '(.*)'/.exec(this.output)?.[1] ?? "";
  }

  get rpcEndpoint(): { readonly host: string; readonly port: number } {
    const [host = "", port = ""] = (/RPC addr: '(.*)'/.exec(this.output)?.[1] ?? "").split(":");
    return { host, port: Number(port) };
  }

  rpc(): Promise<SerfRpcClient> {
    return SerfRpcClient.connect(this.rpcEndpoint);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  get pid(): number {
    return this.#child.pid ?? assert.fail("it could not be started");
  }

  /** Nothing that it prints is read from here on. */
  stopReading(): void {
    this.#child.stdout?.removeAllListeners("data").pause();
  }

  /** Whoever reads what it prints is gone. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Ends it whatever it is at. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
    this.closeOutput();
  }
}

/** Names and statuses of an agent's members. */
async function view(agent: AgentProcess): Promise<string[]> {
  const rpc = await agent.rpc();
  try {
    return (await rpc.members()).map(({ Name, Status }) => `${Name} ${Status}`).sort();
  } finally {
    rpc.close();
  }
}

/** Waits until an agent sees exactly these. */
export async function untilView(agent: AgentProcess, wanted: readonly string[]): Promise<void> {
  const end = performance.now() + 60_000;
  for (;;) {
    const seen = await view(agent);
    if (seen.join() === wanted.join()) return;
    assert.ok(performance.now() < end, `it sees ${seen.join()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
