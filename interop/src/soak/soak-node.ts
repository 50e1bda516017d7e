import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { HearsayOptions } from "hearsay";
import { ChildQuestions, type Unnumbered } from "../nodes/child-questions.ts";
import type { Ask, Look, Tell } from "./soak-node-process.ts";

const PROGRAM: string = fileURLToPath(new URL("./soak-node-process.js", import.meta.url));

/** A node of the library in a process of its own, with the default timings. */
export class SoakNode {
  readonly name: string;
  /** The changes of others that it has reported, as `kind name`, in order. */
  readonly changes: string[] = [];
  readonly #questions: ChildQuestions<Unnumbered<Ask>, Look>;
  #address = "";

  static async start(nodeName: string, options: HearsayOptions = {}): Promise<SoakNode> {
    const node = new SoakNode(nodeName);
    const all: HearsayOptions = { bind: "127.0.0.1:0", encryption: "off", ...options, nodeName };
    try {
      node.#address = (await node.#questions.ask({ op: "start", options: all })).address;
      return node;
    } catch (error) {
      await node.kill();
      throw error;
    }
  }

  private constructor(name: string) {
    this.name = name;
    const child = fork(PROGRAM, { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: ["--expose-gc"] });
    this.#questions = new ChildQuestions(name, child);
    child.on("message", (words: Tell) => {
      if ("kind" in words) this.changes.push(`${words.kind} ${words.name}`);
      else this.#questions.said(words);
    });
  }

  get address(): string {
    return this.#address;
  }

  async join(address: string): Promise<void> {
    await this.#questions.ask({ op: "join", address });
  }

  async event(number: number): Promise<void> {
    await this.#questions.ask({ op: "event", number });
  }

  look(): Promise<Look> {
    return this.#questions.ask({ op: "look" });
  }

  /** Leaves, then ends the process. */
  async leave(): Promise<void> {
    await this.#questions.ask({ op: "leave" });
    await this.kill();
  }

  /** Kills the process, like a machine that fails. */
  kill(): Promise<void> {
    return this.#questions.kill();
  }
}
