import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What a test waits for comes in milliseconds or seconds; a busy machine may take longer. */
const LIMIT_MS = 120_000;

/** An example that runs in a process of its own, and the lines that it has printed. */
export class Program {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #errors = "";
  #rest = "";
  #onOutput = (): void => {};

  constructor(name: string, ...targets: readonly string[]) {
    const path = fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
    this.#child = spawn(process.execPath, [path, ...targets], { stdio: ["pipe", "pipe", "pipe"] });
    this.#ended = once(this.#child, "close");
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const parts = (this.#rest + text).split("\n");
      this.#rest = parts.pop() ?? "";
      this.lines.push(...parts);
      this.#onOutput();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#child.on("close", () => this.#onOutput());
  }

  /** The first line that matches, now or later, of those from `start` on. */
  async line(pattern: RegExp, start = 0): Promise<RegExpExecArray> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), LIMIT_MS);
    try {
      for (;;) {
        for (const line of this.lines.slice(start)) {
          const found = pattern.exec(line);
          if (found !== null) return found;
        }
        const { exitCode, signalCode } = this.#child;
        assert.ok(
          exitCode === null && signalCode === null,
          `ended without ${pattern}: ${this.lines.join(" | ")} ${this.#errors}`,
        );
        await new Promise<void>((resolve) => {
          this.#onOutput = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The name that it gave itself, and where it is. */
  async self(): Promise<{ readonly name: string; readonly address: string }> {
    const [, name = "", address = ""] = await this.line(/^(.*) is at (.*)$/);
    return { name, address };
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** What it has printed on standard error so far. */
  get errors(): string {
    return this.#errors;
  }

  /** Ends it by a signal, or by the end of its input, and tells how it ended. */
  async end(how: NodeJS.Signals | "input"): Promise<unknown> {
    if (how === "input") this.#child.stdin?.end();
    else this.#child.kill(how);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), LIMIT_MS);
    const [code] = await this.#ended;
    clearTimeout(timer);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
