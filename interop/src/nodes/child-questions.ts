import type { ChildProcess } from "node:child_process";

/** An answer that takes longer means a hung process. */
const ANSWER_LIMIT_MS = 60_000;

/** What a child process says to a question: its answer, or why there is none. */
export type Said<Answer> =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly error: string };

/** A question without its number, of all those that there are. */
export type Unnumbered<Ask> = Ask extends infer One ? (One extends Ask ? Omit<One, "id"> : never) : never;

interface Waiter<Answer> {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** Questions to a child process over its channel, each with a number that its answer carries, until the process ends. */
export class ChildQuestions<Question extends { readonly op: string }, Answer> {
  /** Settles once the process has ended. */
  readonly ended: Promise<void>;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #waiters = new Map<number, Waiter<Answer>>();
  #end: Error | null = null;
  #lastId = 0;

  constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.on("exit", (code, signal) => {
        this.#end = new Error(`the process of ${name} has ended: ${signal ?? `exit code ${code}`}`);
        for (const waiter of this.#waiters.values()) waiter.reject(this.#end);
        this.#waiters.clear();
        resolve();
      });
    });
  }

  ask(question: Question): Promise<Answer> {
    if (this.#end !== null) return Promise.reject(this.#end);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#waiters.delete(id);
        reject(new Error(`${this.#name}: no answer to ${question.op} in ${ANSWER_LIMIT_MS} ms`));
      }, ANSWER_LIMIT_MS);
      this.#waiters.set(id, {
        resolve: (answer) => {
          clearTimeout(limit);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(limit);
          reject(error);
        },
      });
      this.#child.send({ ...question, id });
    });
  }

  /** The process has said something to a question. */
  said(words: Said<Answer>): void {
    const waiter = this.#waiters.get(words.id);
    this.#waiters.delete(words.id);
    if ("error" in words) waiter?.reject(new Error(`${this.#name}: ${words.error}`));
    else waiter?.resolve(words.answer);
  }

  /** Ends the process as a machine that fails. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}
