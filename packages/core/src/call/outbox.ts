import type { Address } from "../base/address.ts";
import type { CoreEvent } from "./events.ts";

/** Where the core leaves its outputs: the whole outside world, in one interface. It never reaches out itself. */
export interface Outbox {
  /** One datagram. `bytes` is borrowed: valid until this call returns, so the host sends or copies at once. */
  datagram(to: Address, bytes: Uint8Array): void;
  /**
   * One request over a reliable stream. `request` is one message without stream wrappers; the host wraps it with
   * `StreamCodec`, sends it, unwraps the answer and calls `Swim.exchangeDone` with the same token, exactly once and
   * never from within this call. `deadline` is the latest time for the answer; the host reports a timeout after it.
   */
  exchange(token: number, to: Address, request: Uint8Array, deadline: number): void;
  /**
   * Nobody wants that exchange any more: the host ends it, wherever it is, and doesn't call `Swim.exchangeDone` for it.
   * Comes only for exchanges that the host has not reported.
   */
  cancelExchange(token: number): void;
  /**
   * What to write on the accepted stream whose request `Swim.accept` got with this token, without stream wrappers; null
   * to close it without an answer. Comes exactly once for each token, perhaps from within that call. `message` is handed
   * over: the core doesn't touch it again.
   */
  answer(token: number, message: Uint8Array | null): void;
  /** Something the application may want to know, with its cause. */
  event(event: CoreEvent): void;
}

/** What came of `Outbox.exchange`. */
export type ExchangeResult =
  /** `message` is the answer without stream wrappers. It is handed over: the host doesn't touch it again. */
  | { readonly ok: true; readonly message: Uint8Array }
  | { readonly ok: false; readonly failure: ExchangeFailure; readonly detail: string };

/**
 * Why an exchange failed: nobody listens there; nothing came in time; the peer closed without an answer, as it does for
 * another label; the answer could not be read, as with another key; the host gave up (closing, cancelled).
 */
export type ExchangeFailure = "refused" | "timeout" | "silence" | "unreadable" | "cancelled";
