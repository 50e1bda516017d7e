import type { Question } from "./answers.ts";

/** Limit on the open queries; beyond it, the oldest is dropped. */
export const OPEN_QUERIES_MAX = 4096;

/** A query that this node may answer. */
export interface OpenQuery {
  readonly handle: number;
  readonly question: Question;
  readonly deadlineMs: number;
  isAnswered: boolean;
}

/** Queries that this node can answer, by handle. */
export class OpenQueries {
  readonly #queries = new Map<number, OpenQuery>();
  readonly #onDropped: () => void;
  #lastHandle = 0;

  constructor(onDropped: () => void) {
    this.#onDropped = onDropped;
  }

  get size(): number {
    return this.#queries.size;
  }

  open(question: Question, deadlineMs: number): OpenQuery {
    const query: OpenQuery = { handle: ++this.#lastHandle, question, deadlineMs, isAnswered: false };
    this.#queries.set(query.handle, query);
    if (this.#queries.size > OPEN_QUERIES_MAX) {
      for (const [longest, { isAnswered }] of this.#queries) {
        this.#queries.delete(longest);
        if (!isAnswered) this.#onDropped();
        break;
      }
    }
    return query;
  }

  get(handle: number): OpenQuery | undefined {
    return this.#queries.get(handle);
  }

  close(handle: number): void {
    this.#queries.delete(handle);
  }
}
