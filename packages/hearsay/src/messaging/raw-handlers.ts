import type { CoreEvent } from "@hearsay/core";
import type { HandlersAtWork } from "../base/handlers-at-work.ts";
import type { RawMessage } from "./raw.ts";

/** Hands raw messages to the application's handlers. */
export class RawHandlers {
  readonly #handlers = new Set<(message: RawMessage) => void>();
  readonly #onError: (error: unknown) => void;
  readonly #atWork: HandlersAtWork;

  constructor(atWork: HandlersAtWork, onError: (error: unknown) => void) {
    this.#atWork = atWork;
    this.#onError = onError;
  }

  /** Returns a function that ends it. */
  add(handler: (message: RawMessage) => void): () => void {
    // An entry of its own, so that a handler given twice is called twice.
    const entry = (message: RawMessage): void => handler(message);
    this.#handlers.add(entry);
    return () => this.#handlers.delete(entry);
  }

  /** Raw bytes are what no layer of this node took. */
  handle(event: CoreEvent): void {
    if (event.type !== "user-message" || this.#handlers.size === 0) return;
    const { payload, from, reliable } = event;
    const message: RawMessage = { payload: new Uint8Array(payload), from: from.key, reliable };
    for (const handler of [...this.#handlers]) {
      try {
        const result: unknown = handler(message);
        if (!(result instanceof Promise)) continue;
        this.#atWork.watch(result);
        result.catch(this.#onError);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
