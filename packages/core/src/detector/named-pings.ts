import type { Address } from "../base/address.ts";
import { type Deadlines, NAMED_PING_TIMEOUT } from "../base/deadlines.ts";
import type { Call } from "../call/call.ts";
import type { PacketSender } from "../call/packet-sender.ts";
import { PING } from "../wire/messages.ts";
import type { Sequence } from "./sequence.ts";

/** Named pings under way at the same time; further ones are not sent. */
export const NAMED_PINGS_MAX = 256;

/** Told whether the named node answered at that address. */
export type NamedPingDone = (call: Call, isThere: boolean) => void;

/**
 * Pings outside the probe cycle that ask: is the node of this name at that address? Only its owner answers, so another
 * product on a reused address stays silent.
 */
export class NamedPings {
  readonly #sender: PacketSender;
  readonly #deadlines: Deadlines;
  readonly #sequence: Sequence;
  readonly #self: { readonly name: string; readonly address: Address };
  readonly #pending = new Map<number, NamedPingDone>();

  constructor(
    sender: PacketSender,
    deadlines: Deadlines,
    sequence: Sequence,
    self: { name: string; address: Address },
  ) {
    this.#sender = sender;
    this.#deadlines = deadlines;
    this.#sequence = sequence;
    this.#self = self;
  }

  /** Asks, and calls `done` within `timeoutMs`. False if too many of them are under way; then `done` is not called. */
  ask(call: Call, name: string, to: Address, timeoutMs: number, done: NamedPingDone): boolean {
    if (this.#pending.size >= NAMED_PINGS_MAX) return false;
    const seqNo = this.#sequence.next();
    this.#pending.set(seqNo, done);
    this.#deadlines.push(call.now + timeoutMs, NAMED_PING_TIMEOUT, 0, seqNo);
    this.#sender.send(call, to, false, {
      type: PING,
      seqNo,
      node: name,
      sourceAddr: this.#self.address.ip,
      sourcePort: this.#self.address.port,
      sourceNode: this.#self.name,
    });
    return true;
  }

  /** Whether a named ping of this number is under way. */
  has(seqNo: number): boolean {
    return this.#pending.has(seqNo);
  }

  acked(call: Call, seqNo: number): boolean {
    return this.#finish(call, seqNo, true);
  }

  timedOut(call: Call, seqNo: number): void {
    this.#finish(call, seqNo, false);
  }

  #finish(call: Call, seqNo: number, isThere: boolean): boolean {
    const done = this.#pending.get(seqNo);
    if (done === undefined) return false;
    this.#pending.delete(seqNo);
    done(call, isThere);
    return true;
  }
}
