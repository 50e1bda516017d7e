import type { Address } from "../base/address.ts";
import type { Counters } from "../base/counters.ts";
import { MessageEncoder } from "../wire/encode.ts";
import type { Message } from "../wire/messages.ts";
import type { PacketCodec } from "../wire/packets.ts";
import type { Call } from "./call.ts";

/** The member that a packet is for. */
export interface Recipient {
  /** Whether it understands Hearsay's extensions. */
  readonly isCapable: boolean;
}

/** The source of the rumors that fill up packets. */
export interface RumorSource {
  /** Fills up a packet for this member; null if only its address is known. */
  fill(packets: PacketCodec, to: Recipient | null): void;
}

/** Packs messages into datagrams and sends them: the last module on the way out. */
export class PacketSender {
  readonly packets: PacketCodec;
  readonly #rumors: RumorSource;
  readonly #counters: Counters;
  readonly #encoder: MessageEncoder = new MessageEncoder();

  constructor(packets: PacketCodec, rumors: RumorSource, counters: Counters) {
    this.packets = packets;
    this.#rumors = rumors;
    this.#counters = counters;
  }

  /**
   * Sends one message, and as many rumors as fit beside it (docs/protocol/memberlist.md, 16.4). `member` is the member
   * at the address, or null if it is unknown.
   */
  sendWithRumors(call: Call, to: Address, member: Recipient | null, message: Message): void {
    this.packets.begin();
    if (!this.#add(message)) return;
    this.#rumors.fill(this.packets, member);
    this.flush(call, to, false);
  }

  /** Sends messages without rumors. `withCrc` is for members known to understand protocol 5. */
  send(call: Call, to: Address, withCrc: boolean, first: Message, second: Message | null = null): void {
    this.packets.begin();
    if (!this.#add(first)) return;
    if (second !== null) this.#add(second);
    this.flush(call, to, withCrc);
  }

  /** Sends the messages added to `packets` since `begin`. */
  flush(call: Call, to: Address, withCrc: boolean): void {
    this.sendPacket(call, to, this.packets.finish(withCrc));
  }

  /** Returns false, and counts it, if no datagram can carry the message: an ack's application part may be too long. */
  #add(message: Message): boolean {
    const isAdded = this.packets.add(this.#encoder.encode(message));
    if (!isAdded) this.#counters.messagesUnsendable++;
    return isAdded;
  }

  /** Sends a finished packet. */
  sendPacket(call: Call, to: Address, packet: Uint8Array): void {
    this.#counters.datagramsOut++;
    this.#counters.bytesOut += packet.length;
    call.out.datagram(to, packet);
  }
}
