import { Collected } from "./collected.ts";

/** A member's answer to a query. */
export interface Answer {
  /** Name of the member. */
  readonly from: string;
  readonly payload: Uint8Array;
}

/** What a query came to. */
export interface QuerySummary {
  /** Members that acknowledged it; 0 if it didn't ask for that. */
  readonly acks: number;
  readonly answers: number;
}

/**
 * A query under way, and the answers to it: each member's once, in the order in which they come. A `for await` loop gets all
 * of them, those from before it too, and ends when the query's time is over; leaving the loop leaves the query running.
 */
export class Query implements AsyncIterable<Answer> {
  /** When it ends, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Settles when the query is over: its time is, it was cancelled, or the cluster has ended. Never rejects. */
  readonly done: Promise<QuerySummary>;
  readonly #answers = new Collected<Answer>();
  readonly #acks = new Collected<string>();
  readonly #acked = new Set<string>();
  readonly #cancel: () => void;
  #settle: (summary: QuerySummary) => void = () => {};

  /** Internal: use `Cluster.query`. */
  constructor(deadlineMs: number, cancel: () => void) {
    this.deadlineMs = deadlineMs;
    this.#cancel = cancel;
    this.done = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Members that have acknowledged it so far. */
  get acked(): ReadonlySet<string> {
    return this.#acked;
  }

  /** The members that acknowledge it, as their answers are read. */
  acks(): AsyncGenerator<string, void, undefined> {
    return this.#acks.read();
  }

  /** Wants no more answers. */
  cancel(): void {
    this.#cancel();
  }

  [Symbol.asyncIterator](): AsyncGenerator<Answer, void, undefined> {
    return this.#answers.read();
  }

  /** Internal: a member acknowledged it. */
  onAck(from: string): void {
    this.#acked.add(from);
    this.#acks.add(from);
  }

  /** Internal: a member answered; `payload` is borrowed. */
  onAnswer(from: string, payload: Uint8Array): void {
    this.#answers.add(Object.freeze({ from, payload: new Uint8Array(payload) }));
  }

  /** Internal: nothing more comes. */
  onEnd(): void {
    this.#acks.end();
    this.#answers.end();
    this.#settle({ acks: this.#acks.size, answers: this.#answers.size });
  }
}
