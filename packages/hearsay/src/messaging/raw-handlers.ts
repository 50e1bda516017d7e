import type { CoreEvent } from "@hearsay/core";
import { type HandlerGuard, Listeners } from "../base/listeners.ts";
import type { RawMessage } from "./raw.ts";

/** Hands raw messages to the application's handlers. */
export class RawHandlers {
  readonly #listeners = new Listeners<RawMessage>();
  readonly #guard: HandlerGuard<RawMessage>;

  constructor(guard: HandlerGuard<RawMessage>) {
    this.#guard = guard;
  }

  /** Calls `handler` with each message from now on. Returns a function that ends it. */
  on(handler: (message: RawMessage) => void): () => void {
    return this.#listeners.add(handler, this.#guard);
  }

  /** Raw bytes are what no layer of this node took. */
  handle(event: CoreEvent): void {
    if (event.type !== "user-message" || this.#listeners.size === 0) return;
    const { payload, from, reliable } = event;
    this.#listeners.tell({ payload: new Uint8Array(payload), from: from.key, reliable });
  }
}
