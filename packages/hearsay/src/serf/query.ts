import { Feed } from "../base/feed.ts";

/** A member's answer to a query. */
export interface Answer {
  /** Name of the member. */
  readonly from: string;
  readonly payload: Uint8Array;
}

/** The result of a query. */
export interface QuerySummary {
  /** Number of members that acknowledged it; 0 without `ack`. */
  readonly acks: number;
  readonly answers: number;
}

/** Names of members that have neither acknowledged nor answered a query so far. */
export interface QueryMissing {
  /**
   * Present members that have neither acknowledged nor answered. They include members that the tag filters don't match,
   * since this node doesn't evaluate filters for others.
   */
  readonly silent: readonly string[];
  /** Failed members that have neither acknowledged nor answered; they may return without having received the query. */
  readonly away: readonly string[];
}

/** Actions of a query that its owner carries out. */
export interface QueryActions {
  readonly cancel: () => void;
  readonly missing: (query: Query) => QueryMissing;
}

/**
 * A query and its answers: one per member, in the order of their arrival. A `for await` loop gets all of them,
 * including those from before the loop, and ends with the query; leaving the loop doesn't end the query.
 */
export class Query implements AsyncIterable<Answer> {
  /** When its time is over, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  /**
   * Settles when the query has ended: all members have answered, its time is over, it was cancelled, or the cluster has
   * ended. Never rejects.
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

  /** Names of the members that have neither acknowledged nor answered so far. */
  missing(): QueryMissing {
    return this.#actions.missing(this);
  }

  /** Iterates over the members that acknowledge the query, like the answers. */
  acks(): AsyncGenerator<string, void, undefined> {
    return this.#acks.read();
  }

  /** Ends the query: no more answers are taken. */
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

  /** Internal: the query has ended. */
  onEnd(): void {
    this.#acks.close();
    this.#answers.close();
    this.#settle({ acks: this.#acked.size, answers: this.#answered.size });
  }
}
