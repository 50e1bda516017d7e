import type { Address } from "../base/address.ts";
import type { Counters } from "../base/counters.ts";
import { type Call, PacketCall } from "../call/call.ts";
import type { Outbox } from "../call/outbox.ts";
import type { PacketSender } from "../call/packet-sender.ts";
import type { NamedPings } from "../detector/named-pings.ts";
import type { Prober } from "../detector/prober.ts";
import type { Relay } from "../detector/relay.ts";
import type { LayerStack } from "../layers/layer-stack.ts";
import { isNameTooLong } from "../membership/acceptance.ts";
import type { AddressCache } from "../membership/address-cache.ts";
import type { MemberRecord } from "../membership/member-record.ts";
import type { MemberTable } from "../membership/member-table.ts";
import type { Membership } from "../membership/membership.ts";
import {
  ACK,
  type Ack,
  ALIVE,
  type Alive,
  DEAD,
  type Dead,
  INDIRECT_PING,
  type IndirectPing,
  NACK,
  type PacketMessage,
  PING,
  type Ping,
  SUSPECT,
  type Suspect,
  USER,
} from "../wire/messages.ts";
import type { PacketSink } from "../wire/packets.ts";
import type { AnswerBudget } from "./answer-budget.ts";

/** The modules that handle a datagram's messages, and their dependencies. */
export interface ReceiverParts {
  readonly answers: AnswerBudget;
  readonly membership: Membership;
  readonly prober: Prober;
  readonly relay: Relay;
  readonly namedPings: NamedPings;
  readonly sender: PacketSender;
  readonly addresses: AddressCache;
  readonly counters: Counters;
  readonly table: MemberTable;
  readonly selfName: string;
  readonly selfAddress: Address;
  readonly portOf: (port: number) => number;
  readonly layers: LayerStack;
  /** Whether to accept news of a member at this address from that source. */
  readonly admits: (address: Address, source: Address | null) => boolean;
}

/** Hands each message of a datagram to the module that it concerns (docs/protocol/memberlist.md, 6.2 step 4). */
export class Receiver implements PacketSink {
  readonly #parts: ReceiverParts;
  readonly #call = new PacketCall();

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /** Begins a datagram. Returns the call in which its messages are handled. */
  begin(now: number, from: Address, out: Outbox): Call {
    this.#call.begin(now, from, out);
    this.#parts.answers.refill();
    return this.#call;
  }

  /** Ends a datagram and releases its bytes. */
  end(): void {
    this.#call.end();
  }

  message(message: PacketMessage, bytes: Uint8Array, start: number, end: number): void {
    this.#call.take(bytes, start, end);
    switch (message.type) {
      case PING:
        return this.#ping(message);
      case ACK:
        return this.#ack(message);
      case INDIRECT_PING:
        return this.#indirectPing(message);
      case NACK:
        return this.#parts.prober.nacked(message.seqNo);
      case SUSPECT:
      case DEAD:
        return this.#accusation(message);
      case ALIVE:
        return this.#alive(message);
      case USER:
        return this.#user(message.payload);
    }
  }

  fault(): void {
    this.#parts.counters.messagesRefused++;
  }

  #ping(message: Ping): void {
    const { sender, counters, selfName, selfAddress } = this.#parts;
    if (message.node !== "" && message.node !== selfName) return;
    const source = this.#answerTo(message.sourceAddr, message.sourcePort);
    // This is our own ping, returned through another of our addresses: an ack would only be an echo. The ping ends by
    // its timeout, since anyone can send what looks like its echo.
    if (source === null || source.key === selfAddress.key || !this.#mayAnswer()) return;
    counters.pingsAnswered++;
    const asker = this.#memberAt(source, message.sourceNode);
    sender.sendWithRumors(this.#call, source, asker, {
      type: ACK,
      seqNo: message.seqNo,
      payload: this.#parts.layers.ackPayload(),
    });
  }

  #ack(message: Ack): void {
    const { prober, relay, namedPings } = this.#parts;
    const call = this.#call;
    if (prober.acked(call, message.seqNo, message.payload)) return;
    if (relay.acked(call, message.seqNo)) return;
    namedPings.acked(call, message.seqNo);
  }

  #indirectPing(message: IndirectPing): void {
    const { relay, addresses, portOf, counters } = this.#parts;
    const requester = this.#answerTo(message.sourceAddr, message.sourcePort);
    const target = addresses.get(message.target, portOf(message.port));
    if (requester === null || target === null || isNameTooLong(message.node)) counters.messagesRefused++;
    else if (this.#mayAnswer()) relay.serve(this.#call, message, requester, target);
  }

  #accusation(message: Suspect | Dead): void {
    const { membership, counters } = this.#parts;
    // An accusation accepted here must fit a packet; otherwise the accused never hears it and cannot refute it.
    if (isNameTooLong(message.node) || isNameTooLong(message.from)) counters.messagesRefused++;
    else if (message.type === SUSPECT) membership.suspect(this.#call, message);
    else membership.dead(this.#call, message);
  }

  #alive(message: Alive): void {
    const { membership, addresses, portOf, counters, admits } = this.#parts;
    const port = portOf(message.port);
    const address = addresses.get(message.addr, port);
    if (address === null || !admits(address, this.#call.from)) {
      counters.messagesRefused++;
      return;
    }
    if (port === message.port) return membership.alive(this.#call, message, address);
    // This node filled in the port, so the forwarded message must carry it too.
    this.#call.dropCopy();
    membership.alive(this.#call, { ...message, port }, address);
  }

  #user(payload: Uint8Array): void {
    const { layers, counters } = this.#parts;
    const { from } = this.#call;
    if (from === null) return;
    counters.userMessages++;
    if (layers.datagram(this.#call, payload)) return;
    this.#call.out.event({ type: "user-message", payload, from, reliable: false });
  }

  #mayAnswer(): boolean {
    const { answers, counters } = this.#parts;
    if (answers.take()) return true;
    counters.messagesRefused++;
    return false;
  }

  /** Returns the member with this name if it has that address; otherwise null. */
  #memberAt({ key }: Address, name: string): MemberRecord | null {
    const { table } = this.#parts;
    const slot = table.find(name);
    if (slot < 0) return null;
    const record = table.record(slot);
    return record.address.key === key ? record : null;
  }

  /** The address for an answer: the one in the message, else the datagram's source (4.1). */
  #answerTo(ip: Uint8Array, port: number): Address | null {
    const { from } = this.#call;
    if (ip.length === 0 || port === 0) return from;
    return this.#parts.addresses.get(ip, port) ?? from;
  }
}
