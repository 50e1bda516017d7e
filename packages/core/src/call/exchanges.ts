import type { Address } from "../base/address.ts";
import { invariant } from "../base/invariant.ts";
import type { Call } from "./call.ts";
import type { ExchangeResult } from "./outbox.ts";

/** Receives the result of an exchange, once. */
export type ExchangeDone = (call: Call, result: ExchangeResult) => void;

/** The stream exchanges in progress; matches results to requests. */
export class Exchanges {
  readonly #pending = new Map<number, ExchangeDone>();
  #lastToken = 0;

  get size(): number {
    return this.#pending.size;
  }

  /** Asks the host for an exchange and returns its token, for `cancel`. */
  open(call: Call, to: Address, request: Uint8Array, deadline: number, done: ExchangeDone): number {
    const token = ++this.#lastToken;
    this.#pending.set(token, done);
    call.out.exchange(token, to, request, deadline);
    return token;
  }

  /** Cancels an exchange, so that its `done` is not called. No effect on one that is over. */
  cancel(call: Call, token: number): void {
    if (this.#pending.delete(token)) call.out.cancelExchange(token);
  }

  finish(call: Call, token: number, result: ExchangeResult): void {
    const done = this.#pending.get(token);
    invariant(done !== undefined, "the host reported an exchange that is not under way");
    this.#pending.delete(token);
    done(call, result);
  }
}
