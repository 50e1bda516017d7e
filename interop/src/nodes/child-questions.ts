import type { ChildProcess } from "node:child_process";

/** An answer that takes longer means a hung process. */
const ANSWER_LIMIT_MS = 60_000;

/** A child process's reply to a question: its answer, or an error. */
export type Said<Answer> =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly error: string };

/** Any of the questions, without its number. */
export type Unnumbered<Ask> = Ask extends infer One ? (One extends Ask ? Omit<One, "id"> : never) : never;

interface Waiter<Answer> {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/**
 * Asks a child process questions over its channel, each with a number that its answer carries, until the process ends.
 */
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
      const ended = (how: string): void => {
        this.#end = new Error(`the process of ${name} has ended: ${how}`);
        for (const waiter of this.#waiters.values()) waiter.reject(this.#end);
        this.#waiters.clear();
        resolve();
      };
      child.on("exit", (code, signal) => ended(signal ?? `exit code ${code}`));
      child.on("error", ({ message }) => ended(message));
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

  /** Takes the process's reply to a question. */
  said(words: Said<Answer>): void {
    const waiter = this.#waiters.get(words.id);
    this.#waiters.delete(words.id);
    if ("error" in words) waiter?.reject(new Error(`${this.#name}: ${words.error}`));
    else waiter?.resolve(words.answer);
  }

  /** Kills the process, like a machine that fails. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}
