import type { CoreEvent } from "@hearsay/core";
import { type HandlerGuard, Listeners } from "../base/listeners.ts";
import type { RawMessage } from "./raw.ts";

/** Passes raw messages to the application's handlers. */
export class RawHandlers {
  readonly #listeners = new Listeners<RawMessage>();
  readonly #guard: HandlerGuard<RawMessage>;

  constructor(guard: HandlerGuard<RawMessage>) {
    this.#guard = guard;
  }

  /** Calls `handler` with each message from now on. Returns a function that removes the handler. */
  on(handler: (message: RawMessage) => void): () => void {
    return this.#listeners.add(handler, this.#guard);
  }

  /** Raw messages are user messages that no layer of this node recognized. */
  handle(event: CoreEvent): void {
    if (event.type !== "user-message" || this.#listeners.size === 0) return;
    const { payload, from, reliable } = event;
    this.#listeners.tell({ payload: new Uint8Array(payload), from: from.key, reliable });
  }
}
