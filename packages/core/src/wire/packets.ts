import { EMPTY } from "../base/bytes.ts";
import { invariant } from "../base/invariant.ts";
import { readCompress } from "./compress.ts";
import { MessageDecoder } from "./decode.ts";
import { FAULTS, isFault, type WireFault } from "./faults.ts";
import { labelFault } from "./label.ts";
import { NESTING_MAX, PACKET_BYTES_MAX } from "./limits.ts";
import { LzwDecoder } from "./lzw-decoder.ts";
import { COMPOUND, COMPRESS, ERROR, HAS_CRC, HAS_LABEL, type PacketMessage } from "./messages.ts";
import { secretsOf, type WireOptions } from "./options.ts";
import { PacketBuilder } from "./packet-builder.ts";
import { openSealed } from "./sealing.ts";

const CRC_BYTES = 5;

/** Receives the contents of a packet. */
export interface PacketSink {
  /**
   * A message, in the packet's order, and its bytes from `start` to `end`, type byte first. These bytes and the byte
   * fields of the message are views that are valid until the next `unpack`.
   */
  message(message: PacketMessage, bytes: Uint8Array, start: number, end: number): void;
  /** A part of the packet was refused; the others are still used. */
  fault(fault: WireFault): void;
}

/**
 * Reads and writes the packets of one node (docs/protocol/memberlist.md, section 6). To write a packet, call `begin`,
 * `add` while there is `room`, and `finish`.
 */
export class PacketCodec {
  readonly options: WireOptions;
  readonly #builder: PacketBuilder;
  readonly #decoder: MessageDecoder = new MessageDecoder();
  readonly #lzw: LzwDecoder = new LzwDecoder();
  /** Holds all decompressed parts of one packet, so that views into them stay valid together. */
  #arena: Uint8Array = EMPTY;
  #arenaAt = 0;

  constructor(options: WireOptions) {
    this.options = options;
    this.#builder = new PacketBuilder(options);
  }

  /**
   * Unwraps a packet and passes its messages to `sink`. Returns the fault of a packet that was refused as a whole, or
   * null; parts of a compound are refused separately.
   */
  unpack(bytes: Uint8Array, sink: PacketSink): WireFault | null {
    let labelEnd = 0;
    if (bytes[0] === HAS_LABEL) {
      labelEnd = 2 + (bytes[1] ?? 0);
      if (labelEnd === 2 || labelEnd > bytes.length) return FAULTS.badLabel;
    }
    const fault = labelFault(this.options, bytes, labelEnd === 0 ? 0 : 2, labelEnd);
    if (fault !== null) return fault;
    const plain = this.#decrypt(labelEnd === 0 ? bytes : bytes.subarray(labelEnd));
    if (isFault(plain)) return plain;
    this.#arenaAt = 0;
    if (plain.length < CRC_BYTES || plain[0] !== HAS_CRC) return this.#dispatch(plain, 0, plain.length, 0, sink);
    if (!this.#hasRightCrc(plain)) return FAULTS.badCrc;
    return this.#dispatch(plain, CRC_BYTES, plain.length, 0, sink);
  }

  /** Starts an empty packet. */
  begin(): void {
    this.#builder.begin();
  }

  /**
   * Longest message that still fits beside those already added. Label, encryption, compound and checksum are
   * accounted for, so that no packet exceeds `packetBytes`.
   */
  room(): number {
    return this.#builder.room();
  }

  /** Longest message that fits an empty packet, whatever the current one contains. */
  emptyRoom(): number {
    return this.#builder.emptyRoom();
  }

  /**
   * Adds a copy of a message. False if it is longer than `room()`, empty, or the 256th. The first one may be as long as
   * a datagram can carry.
   */
  add(message: Uint8Array): boolean {
    return this.#builder.add(message);
  }

  /** Messages in the packet. */
  get count(): number {
    return this.#builder.count;
  }

  /**
   * The packet: a single message, or a compound of several, in its wrappers. Only peers that know protocol 5 accept a
   * checksum. The bytes are borrowed: the next `begin` or `finish` may overwrite them.
   */
  finish(withCrc: boolean): Uint8Array {
    invariant(this.#builder.count > 0, "an empty packet is never sent");
    return this.#builder.finish(withCrc);
  }

  #decrypt(bytes: Uint8Array): Uint8Array | WireFault {
    const secrets = secretsOf(this.options);
    if (secrets === null) return bytes;
    const plain = openSealed(secrets.cipher, secrets.keyring, bytes, this.options.label);
    return isFault(plain) && !this.options.verifyIncoming ? bytes : plain;
  }

  #hasRightCrc(bytes: Uint8Array): boolean {
    const claimed =
      (((bytes[1] ?? 0) << 24) | ((bytes[2] ?? 0) << 16) | ((bytes[3] ?? 0) << 8) | (bytes[4] ?? 0)) >>> 0;
    return this.options.crc32(bytes.subarray(CRC_BYTES)) === claimed;
  }

  #dispatch(bytes: Uint8Array, start: number, end: number, depth: number, sink: PacketSink): WireFault | null {
    const type = bytes[start];
    if (start < end && (type === COMPOUND || type === COMPRESS)) {
      if (depth >= NESTING_MAX) return FAULTS.tooDeep;
      if (type === COMPOUND) return this.#splitCompound(bytes, start + 1, end, depth + 1, sink);
      return this.#decompress(bytes, start, end, depth + 1, sink);
    }
    const message = this.#decoder.decode(bytes, start, end);
    if (message.type === FAULTS.badType.type) return message;
    // An error is an answer on a stream; no packet carries one.
    if (message.type === ERROR) return FAULTS.badType;
    sink.message(message, bytes, start, end);
    return null;
  }

  #splitCompound(bytes: Uint8Array, start: number, end: number, depth: number, sink: PacketSink): WireFault | null {
    if (start >= end) return FAULTS.truncated;
    const count = bytes[start] ?? 0;
    const lengthsAt = start + 1;
    let at = lengthsAt + 2 * count;
    if (at > end) return FAULTS.truncated;
    for (let i = 0; i < count; i++) {
      const lengthAt = lengthsAt + 2 * i;
      const partEnd = at + (((bytes[lengthAt] as number) << 8) | (bytes[lengthAt + 1] as number));
      // The reference uses the complete parts and drops this one and all after it.
      if (partEnd > end) {
        sink.fault(FAULTS.truncated);
        return null;
      }
      const fault = this.#dispatch(bytes, at, partEnd, depth, sink);
      if (fault !== null) sink.fault(fault);
      at = partEnd;
    }
    return null;
  }

  #decompress(bytes: Uint8Array, start: number, end: number, depth: number, sink: PacketSink): WireFault | null {
    const input = readCompress(this.#decoder.structs, bytes, start, end);
    if (isFault(input)) return input;
    if (this.#arena.length === 0) this.#arena = new Uint8Array(PACKET_BYTES_MAX);
    const from = this.#arenaAt;
    const room = this.#arena.length - from;
    this.#lzw.beginInto(input, this.#arena, from, room);
    const progress = this.#lzw.step(Number.POSITIVE_INFINITY);
    const to = from + this.#lzw.result().length;
    this.#arenaAt = to;
    if (progress !== "done") return progress === "too-large" ? FAULTS.tooLarge : FAULTS.badCompression;
    return this.#dispatch(this.#arena, from, to, depth, sink);
  }
}
