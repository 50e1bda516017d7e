import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ClusterOptions } from "hearsay";
import type { Ask, Look, Tell } from "./soak-node-process.ts";

const PROGRAM: string = fileURLToPath(new URL("./soak-node-process.js", import.meta.url));
/** An answer that takes longer means a hung process. */
const ANSWER_LIMIT_MS = 60_000;

/** An {@link Ask} without its number. */
type Question = Ask extends infer One ? (One extends Ask ? Omit<One, "id"> : never) : never;

interface Waiter {
  resolve(look: Look): void;
  reject(error: Error): void;
}

/** A node of the library in a process of its own, on the timings that it has by default. */
export class SoakNode {
  readonly name: string;
  /** What it has seen happen to others, as `kind name`, in order. */
  readonly changes: string[] = [];
  readonly #child: ChildProcess;
  readonly #waiters = new Map<number, Waiter>();
  readonly #ended: Promise<void>;
  #isOver = false;
  #lastId = 0;
  #address = "";

  static async start(nodeName: string, options: ClusterOptions = {}): Promise<SoakNode> {
    const node = new SoakNode(nodeName);
    const all: ClusterOptions = { bind: "127.0.0.1:0", encryption: "off", ...options, nodeName };
    node.#address = (await node.#ask({ op: "start", options: all })).address;
    return node;
  }

  private constructor(name: string) {
    this.name = name;
    this.#child = fork(PROGRAM, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#child.on("message", (words: Tell) => this.#onTell(words));
    this.#ended = new Promise((resolve) => {
      this.#child.on("exit", (code, signal) => {
        this.#isOver = true;
        const error = new Error(`the process of ${name} has ended: ${signal ?? `exit code ${code}`}`);
        for (const waiter of this.#waiters.values()) waiter.reject(error);
        this.#waiters.clear();
        resolve();
      });
    });
  }

  get address(): string {
    return this.#address;
  }

  async join(address: string): Promise<void> {
    await this.#ask({ op: "join", address });
  }

  async event(number: number): Promise<void> {
    await this.#ask({ op: "event", number });
  }

  look(): Promise<Look> {
    return this.#ask({ op: "look" });
  }

  /** Says goodbye, and ends the process. */
  async leave(): Promise<void> {
    await this.#ask({ op: "leave" });
    await this.kill();
  }

  /** Ends the process as a machine that fails. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #ask(question: Question): Promise<Look> {
    if (this.#isOver) return Promise.reject(new Error(`the process of ${this.name} has ended`));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#waiters.delete(id);
        reject(new Error(`${this.name}: no answer to ${question.op} in ${ANSWER_LIMIT_MS} ms`));
      }, ANSWER_LIMIT_MS);
      this.#waiters.set(id, {
        resolve: (look) => {
          clearTimeout(limit);
          resolve(look);
        },
        reject: (error) => {
          clearTimeout(limit);
          reject(error);
        },
      });
      this.#child.send({ ...question, id });
    });
  }

  #onTell(words: Tell): void {
    if ("kind" in words) {
      this.changes.push(`${words.kind} ${words.name}`);
      return;
    }
    const waiter = this.#waiters.get(words.id);
    this.#waiters.delete(words.id);
    if ("error" in words) waiter?.reject(new Error(`${this.name}: ${words.error}`));
    else waiter?.resolve(words.look);
  }
}
