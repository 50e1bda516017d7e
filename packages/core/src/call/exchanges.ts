import type { Address } from "../base/address.ts";
import { invariant } from "../base/invariant.ts";
import type { Call } from "./call.ts";
import type { ExchangeResult } from "./outbox.ts";

/** Told what came of an exchange, once. */
export type ExchangeDone = (call: Call, result: ExchangeResult) => void;

/** The stream exchanges under way: which answer belongs to which question. */
export class Exchanges {
  readonly #pending = new Map<number, ExchangeDone>();
  #lastToken = 0;

  get size(): number {
    return this.#pending.size;
  }

  /** Asks the host for an exchange, and returns the token to cancel it by. */
  open(call: Call, to: Address, request: Uint8Array, deadline: number, done: ExchangeDone): number {
    const token = ++this.#lastToken;
    this.#pending.set(token, done);
    call.out.exchange(token, to, request, deadline);
    return token;
  }

  /** Ends an exchange, whose `done` is not called then. Nothing happens if it is over. */
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
