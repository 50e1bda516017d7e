import { closedError } from "./closed-error.ts";
import type { HearsayError } from "./errors.ts";

/** The one end of a part of the cluster, and who has to know of it. */
export class Closing {
  readonly #ends = new Set<(error: HearsayError | null) => void>();
  #isClosed = false;
  #error: HearsayError | null = null;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  closedError(): HearsayError {
    return closedError(this.#error === null ? "closed" : "failed", this.#error);
  }

  /** Calls `end` when it ends, at once if it has. Returns a function that prevents it. */
  whenClosed(end: (error: HearsayError | null) => void): () => void {
    if (this.#isClosed) {
      end(this.#error);
      return () => {};
    }
    this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  /** `error` is why the cluster failed; null if it was closed on purpose. */
  close(error: HearsayError | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    const ends = [...this.#ends];
    this.#ends.clear();
    for (const end of ends) end(error);
  }
}
