import type { Address } from "../base/address.ts";
import type { CoreEvent } from "./events.ts";

/** Receives all outputs of the core, which has no other access to the outside world. */
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
   * The exchange is no longer needed: the host ends it at any stage and doesn't call `Swim.exchangeDone` for it. Called
   * only for exchanges that the host has not reported.
   */
  cancelExchange(token: number): void;
  /**
   * The message to write, without stream wrappers, on the accepted stream whose request `Swim.accept` got with this
   * token; null closes the stream without an answer. Called exactly once for each token, perhaps from within that call.
   * The host owns `message`: the core doesn't touch it again.
   */
  answer(token: number, message: Uint8Array | null): void;
  /** An event for the application. */
  event(event: CoreEvent): void;
}

/** The result of `Outbox.exchange`. */
export type ExchangeResult =
  /** `message` is the answer without stream wrappers. The core owns it: the host doesn't touch it again. */
  | { readonly ok: true; readonly message: Uint8Array }
  | { readonly ok: false; readonly failure: ExchangeFailure; readonly detail: string };

/**
 * Why an exchange failed, in this order: no node listens there; no answer came in time; the peer closed without an
 * answer, as it does for another label; the answer was unreadable, as with another key; the host gave up (closing,
 * cancelled).
 */
export type ExchangeFailure = "refused" | "timeout" | "silence" | "unreadable" | "cancelled";
