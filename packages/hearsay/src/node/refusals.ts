import { ERROR, encodeMessage } from "@hearsay/core/wire";
import type { Connection } from "../transport/transport.ts";
import { limitedBy, type StreamParts, wrapInSlices } from "./stream-exchange.ts";

/** Most streams at a time that are told why they are refused; others are closed without an error. */
export const REFUSALS_MAX = 32;

/** How long a peer has to read the error. */
const REFUSAL_MS = 1_000;

/**
 * Refuses streams for lack of room, with the error message of docs/protocol/memberlist.md, section 4.7. Without the
 * message a peer can't tell a full node from one with another key.
 */
export class Refusals {
  readonly #parts: StreamParts;
  readonly #signal: AbortSignal;
  #open = 0;

  constructor(parts: StreamParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /** Sends the error if possible, then closes the stream. */
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
      // There was no time to send it.
    } finally {
      limit.release();
      connection.destroy();
      this.#open--;
    }
  }
}
