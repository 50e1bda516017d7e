import { Feed } from "../base/feed.ts";

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

/** Who has given no sign of a query so far, by name. */
export interface QueryMissing {
  /**
   * Members that are here and have neither acknowledged nor answered. Those whom the query's expressions for tags don't
   * match are among them, since this node doesn't judge for others.
   */
  readonly silent: readonly string[];
  /** Members that have failed without a sign, and may return without having been asked. */
  readonly away: readonly string[];
}

/** What a query has others do. */
export interface QueryActions {
  readonly cancel: () => void;
  readonly missing: (query: Query) => QueryMissing;
}

/**
 * A query under way, and the answers to it: each member's once, in the order in which they come. A `for await` loop gets all
 * of them, those from before it too, and ends with the query; leaving the loop leaves the query running.
 */
export class Query implements AsyncIterable<Answer> {
  /** When it ends, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  /**
   * Settles when the query is over: everybody has answered, its time is over, it was cancelled, or the cluster has ended.
   * Never rejects.
   */
  readonly done: Promise<QuerySummary>;
  readonly #answers = new Feed<Answer>({ atBound: "keep-all" });
  readonly #acks = new Feed<string>({ atBound: "keep-all" });
  readonly #acked = new Set<string>();
  readonly #answered = new Set<string>();
  readonly #actions: QueryActions;
  #settle: (summary: QuerySummary) => void = () => {};

  /** Internal: use `Cluster.query`. */
  constructor(deadlineMs: number, actions: QueryActions) {
    this.deadlineMs = deadlineMs;
    this.#actions = actions;
    this.done = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Members that have acknowledged it so far. */
  get acked(): ReadonlySet<string> {
    return this.#acked;
  }

  /** Members that have answered it so far. */
  get answered(): ReadonlySet<string> {
    return this.#answered;
  }

  /** Who has given no sign of it so far: an answer is missing that way, and not by a number. */
  missing(): QueryMissing {
    return this.#actions.missing(this);
  }

  /** The members that acknowledge it, as their answers are read. */
  acks(): AsyncGenerator<string, void, undefined> {
    return this.#acks.read();
  }

  /** Wants no more answers. */
  cancel(): void {
    this.#actions.cancel();
  }

  [Symbol.asyncIterator](): AsyncGenerator<Answer, void, undefined> {
    return this.#answers.read();
  }

  /** Internal: a member acknowledged it. */
  onAck(from: string): void {
    this.#acked.add(from);
    this.#acks.push(from);
  }

  /** Internal: a member answered; `payload` is borrowed. */
  onAnswer(from: string, payload: Uint8Array): void {
    this.#answered.add(from);
    this.#answers.push(Object.freeze({ from, payload: new Uint8Array(payload) }));
  }

  /** Internal: nothing more comes. */
  onEnd(): void {
    this.#acks.close();
    this.#answers.close();
    this.#settle({ acks: this.#acked.size, answers: this.#answered.size });
  }
}
