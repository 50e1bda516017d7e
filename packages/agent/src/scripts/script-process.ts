import { type ChildProcess, spawn } from "node:child_process";
import { messageOf } from "../base/message-of.ts";
import { TailBuffer } from "./tail-buffer.ts";

/** Kept bytes of a script's output: the last ones. */
export const OUTPUT_BYTES_MAX = 8192;

/** Wait for the output of a script that has ended, while a process that it started holds the output open. */
export const PIPES_MS = 2000;

/** How a script ended. */
export interface ScriptEnd {
  /** Why it failed; null if it did not. */
  readonly failure: string | null;
  /** Whether a process that it started still held its output open, and was left alone. */
  readonly isHeldOpen: boolean;
}

/** One run of a script. */
export class ScriptProcess {
  readonly output: TailBuffer = new TailBuffer(OUTPUT_BYTES_MAX);
  /** Settles once it has ended and its output is complete. Never rejects. */
  readonly ended: Promise<ScriptEnd>;
  #child: ChildProcess | null = null;

  /** Starts it. A lack of descriptors or processes is a failed end, not an exception. */
  constructor(script: string, env: NodeJS.ProcessEnv, input: Uint8Array) {
    this.ended = new Promise((resolve) => {
      const fail = (error: unknown): void => resolve({ failure: messageOf(error), isHeldOpen: false });
      try {
        const [shell, flag] = process.platform === "win32" ? ["cmd", "/C"] : ["/bin/sh", "-c"];
        // A process group of its own, so that the script's children can be killed with it.
        const child: ChildProcess = spawn(shell, [flag, script], { env, stdio: "pipe", detached: true });
        this.#child = child;
        child.on("error", fail);
        this.#connect(child, input, resolve);
      } catch (error) {
        fail(error);
      }
    });
  }

  /** Kills it with all of its children that are still in its group. */
  kill(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  /** If the process could not be created for lack of descriptors, there are no pipes. */
  #connect(child: ChildProcess, input: Uint8Array, resolve: (end: ScriptEnd) => void): void {
    for (const pipe of [child.stdout, child.stderr]) {
      pipe?.on("data", (chunk: Buffer) => this.output.write(chunk));
      pipe?.on("error", () => {});
    }
    // A script need not read its input.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    let failure: string | null = null;
    let limit: NodeJS.Timeout | undefined;
    child.on("exit", (code, signal) => {
      failure = code === 0 ? null : `exit status ${code ?? signal}`;
      limit = setTimeout(() => {
        for (const pipe of child.stdio) pipe?.destroy();
        resolve({ failure, isHeldOpen: true });
      }, PIPES_MS);
    });
    child.on("close", () => {
      clearTimeout(limit);
      resolve({ failure, isHeldOpen: false });
    });
  }
}
