import { ERROR, encodeMessage } from "@hearsay/core/wire";
import type { Connection } from "../transport/transport.ts";
import { limitedBy, type StreamParts, wrapInSlices } from "./stream-exchange.ts";

/** Streams that are told at a time why they are refused; others are closed without a word. */
export const REFUSALS_MAX = 32;

/** How long a peer has to take that in. */
const REFUSAL_MS = 1_000;

/**
 * Tells peers for whose streams there is no room that this is so, by the error of docs/protocol/memberlist.md, section 4.7.
 * Whoever is closed on without a word can't tell a full node from one with another key.
 */
export class Refusals {
  readonly #parts: StreamParts;
  readonly #signal: AbortSignal;
  #open = 0;

  constructor(parts: StreamParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /** Closes a stream, after a word on the reason if there is time for it. */
  async refuse(connection: Connection, error: string): Promise<void> {
    if (this.#open >= REFUSALS_MAX) return connection.destroy();
    this.#open++;
    const limit = limitedBy(this.#parts.clock, REFUSAL_MS, this.#signal);
    const isOver = new Promise<void>((resolve) => {
      limit.signal.addEventListener("abort", () => resolve(), { once: true });
      connection.listen({ data() {}, end() {}, closed: () => resolve() });
    });
    try {
      connection.write(await wrapInSlices(this.#parts, encodeMessage({ type: ERROR, error }), "accept", limit.signal));
      connection.end();
      await isOver;
    } catch {
      // No time was left to say it.
    } finally {
      limit.release();
      connection.destroy();
      this.#open--;
    }
  }
}
