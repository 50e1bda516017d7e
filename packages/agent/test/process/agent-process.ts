import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SerfRpcClient } from "../../dist/rpc/index.js";
import { eventually } from "../support.js";

const COMMAND: string = fileURLToPath(new URL("../../dist/bin/hearsay-agent.js", import.meta.url));

/** `hearsay-agent` as a process, on free ports of this machine. */
export class AgentProcess {
  output = "";
  /** The exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(...flags: readonly string[]) {
    const local = ["-bind=127.0.0.1:0", "-rpc-addr=127.0.0.1:0", "-profile=local"];
    this.#child = spawn(process.execPath, [COMMAND, ...local, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
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

  rpc(): Promise<SerfRpcClient> {
    const [host = "", port = ""] = (/RPC addr: '(.*)'/.exec(this.output)?.[1] ?? "").split(":");
    return SerfRpcClient.connect({ host, port: Number(port) });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it whatever it is at. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
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
  const end = performance.now() + 20_000;
  for (;;) {
    const seen = await view(agent);
    if (seen.join() === wanted.join()) return;
    assert.ok(performance.now() < end, `it sees ${seen.join()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
