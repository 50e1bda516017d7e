import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import type { Counters } from "../base/counters.ts";
import { type Deadlines, RELAY_TIMEOUT } from "../base/deadlines.ts";
import type { Call } from "../call/call.ts";
import type { PacketSender } from "../call/packet-sender.ts";
import { ACK, type IndirectPing, NACK, PING } from "../wire/messages.ts";
import type { Sequence } from "./sequence.ts";

/** Indirect pings served at the same time; more are refused and counted. */
export const RELAYS_MAX = 4096;

interface Errand {
  readonly requester: Address;
  readonly seqNo: number;
  readonly wantsNack: boolean;
}

/** What a relay works with. */
export interface RelayParts {
  readonly sender: PacketSender;
  readonly deadlines: Deadlines;
  readonly sequence: Sequence;
  readonly counters: Counters;
  readonly config: Pick<SwimConfig, "probeTimeoutMs">;
  readonly selfName: string;
  readonly selfAddress: Address;
}

/** Pings members on behalf of others that got no answer themselves (docs/protocol/memberlist.md, section 13). */
export class Relay {
  readonly #parts: RelayParts;
  readonly #errands = new Map<number, Errand>();

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#errands.size;
  }

  serve(call: Call, request: IndirectPing, requester: Address, target: Address): void {
    const { sender, deadlines, sequence, counters, config, selfName, selfAddress } = this.#parts;
    if (this.#errands.size >= RELAYS_MAX) {
      counters.relaysRefused++;
      return;
    }
    counters.indirectPingsServed++;
    const seqNo = sequence.next();
    this.#errands.set(seqNo, { requester, seqNo: request.seqNo, wantsNack: request.nack });
    deadlines.push(call.now + config.probeTimeoutMs, RELAY_TIMEOUT, 0, seqNo);
    sender.sendWithRumors(call, target, null, {
      type: PING,
      seqNo,
      node: request.node,
      sourceAddr: selfAddress.ip,
      sourcePort: selfAddress.port,
      sourceNode: selfName,
    });
  }

  /** Handles an ack. If it answers an errand, the requester gets an ack without the payload. */
  acked(call: Call, seqNo: number): boolean {
    const errand = this.#errands.get(seqNo);
    if (errand === undefined) return false;
    this.#errands.delete(seqNo);
    this.#parts.sender.sendWithRumors(call, errand.requester, null, { type: ACK, seqNo: errand.seqNo, payload: null });
    return true;
  }

  /** Whether an errand with this sequence number is in progress. */
  has(seqNo: number): boolean {
    return this.#errands.has(seqNo);
  }

  /** The probe timeout of an errand has passed. */
  timedOut(call: Call, seqNo: number): void {
    const errand = this.#errands.get(seqNo);
    if (errand === undefined) return;
    this.#errands.delete(seqNo);
    if (errand.wantsNack)
      this.#parts.sender.sendWithRumors(call, errand.requester, null, { type: NACK, seqNo: errand.seqNo });
  }
}
