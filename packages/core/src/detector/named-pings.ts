import type { Address } from "../base/address.ts";
import { type Deadlines, NAMED_PING_TIMEOUT } from "../base/deadlines.ts";
import type { Call } from "../call/call.ts";
import type { PacketSender } from "../call/packet-sender.ts";
import { PING } from "../wire/messages.ts";
import type { Sequence } from "./sequence.ts";

/** Named pings in progress at the same time; further ones are not sent. */
export const NAMED_PINGS_MAX = 256;

/** Receives whether the named node answered at that address. */
export type NamedPingDone = (call: Call, isThere: boolean) => void;

/**
 * Pings outside the probe cycle that ask whether the node of a name is at an address. Only a node of that name answers,
 * so another product on a reused address stays silent.
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

  /** Sends a named ping and calls `done` within `timeoutMs`. False, without a call, if too many are in progress. */
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

  /** Whether a named ping with this sequence number is in progress. */
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
