import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { MemberlistOptions } from "hearsay";
import type { Ask, Result, Tell } from "../hearsay-process.ts";
import { ChildQuestions, type Unnumbered } from "./child-questions.ts";
import type { Change, ProcessNode, Row } from "./test-node.ts";

const PROGRAM: string = fileURLToPath(new URL("../hearsay-process.js", import.meta.url));
/** A Hearsay node in a process of its own; `hearsay-process.ts` is its other half. */
export class HearsayChild implements ProcessNode {
  readonly kind = "hearsay";
  readonly name: string;
  readonly heard: Uint8Array[] = [];
  readonly logLines: string[] = [];
  readonly changes: Change[] = [];
  readonly #child: ChildProcess;
  readonly #questions: ChildQuestions<Unnumbered<Ask>, Result>;
  #address = "";

  /** Starts the process and the node. The options must have a name and no functions. */
  static async start(options: MemberlistOptions & { readonly nodeName: string }): Promise<HearsayChild> {
    const child = new HearsayChild(options.nodeName);
    try {
      const result = await child.#questions.ask({ op: "start", options });
      if (result !== null && "address" in result) child.#address = result.address;
      return child;
    } catch (error) {
      await child.kill();
      throw error;
    }
  }

  private constructor(name: string) {
    this.name = name;
    // Advanced serialization preserves byte arrays and maps.
    this.#child = fork(PROGRAM, { serialization: "advanced", stdio: ["ignore", "pipe", "pipe", "ipc"] });
    this.#child.on("message", (words: Tell) => this.#onTell(words));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#onStderr(text));
    this.#questions = new ChildQuestions(name, this.#child);
  }

  get address(): string {
    return this.#address;
  }

  get departures(): readonly string[] {
    return this.changes.flatMap(({ kind, name }) => (kind === "failed" || kind === "left" ? [name] : []));
  }

  async table(): Promise<ReadonlyMap<string, Row>> {
    const result = await this.#questions.ask({ op: "table" });
    if (result === null || !("rows" in result)) throw new Error(`${this.name} answered without a table`);
    return result.rows;
  }

  async join(address: string): Promise<void> {
    await this.#questions.ask({ op: "join", address });
  }

  async broadcast(payload: Uint8Array): Promise<void> {
    await this.#questions.ask({ op: "broadcast", payload });
  }

  async send(to: string, payload: Uint8Array, reliable: boolean): Promise<void> {
    await this.#questions.ask({ op: "send", to, payload, reliable });
  }

  async setMeta(meta: Uint8Array): Promise<void> {
    await this.#questions.ask({ op: "setMeta", meta });
  }

  async leave(): Promise<void> {
    await this.#questions.ask({ op: "leave" });
  }

  close(): Promise<void> {
    return this.kill();
  }

  kill(): Promise<void> {
    return this.#questions.kill();
  }

  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  refutations(): number {
    return this.logLines.filter((line) => line.includes("this node was held to be failing and answered")).length;
  }

  #onTell(words: Tell): void {
    if ("log" in words) this.logLines.push(words.log);
    else if ("change" in words) this.changes.push(words.change);
    else if ("heard" in words) this.heard.push(words.heard);
    else this.#questions.said(words);
  }

  #onStderr(text: string): void {
    for (const line of text.trimEnd().split("\n")) this.logLines.push(`[STDERR] ${line}`);
  }
}
