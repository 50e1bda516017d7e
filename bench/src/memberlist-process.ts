import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Clock ticks a second of /proc on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** One node of the real memberlist in a process of its own, for comparison. */
export class MemberlistProcess {
  readonly address: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
  }

  /** Starts the node. Null if the Go peer has not been built: `npm run interop` does that. */
  static async open(name: string, key: string): Promise<MemberlistProcess | null> {
    const binary = fileURLToPath(new URL("../../interop/bin/memberlist-peer", import.meta.url));
    const child = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
    const failed = new Promise<null>((resolve) => child.once("error", () => resolve(null)));
    const keys = key === "" ? {} : { keys: [key] };
    child.stdin.on("error", () => {});
    child.stdin.write(`${JSON.stringify({ id: 1, op: "start", name, bindAddr: "127.0.0.1", ...keys })}\n`);
    const started = new Promise<MemberlistProcess | null>((resolve) => {
      createInterface(child.stdout).on("line", (line) => {
        const said: { id?: number; ok?: boolean; addr?: string; port?: number } = JSON.parse(line);
        if (said.id !== 1) return;
        resolve(said.ok === true ? new MemberlistProcess(child, `${said.addr}:${said.port}`) : null);
      });
    });
    return Promise.race([failed, started]);
  }

  /** Processor time so far, in microseconds, to 10 ms. */
  cpuMicros(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "latin1");
    // The second field is a name in parentheses, which may contain anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND;
  }

  close(): void {
    this.#child.kill();
  }
}
