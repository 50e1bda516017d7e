import { EMPTY } from "../base/bytes.ts";
import { writeCompressHead } from "./compress.ts";
import { COMPOUND_PARTS_MAX, DATAGRAM_BYTES_MAX, LABEL_BYTES_MAX } from "./limits.ts";
import { LzwEncoder } from "./lzw-encoder.ts";
import { COMPOUND, HAS_CRC, HAS_LABEL } from "./messages.ts";
import { encryptionOverhead, labelOverhead, type WireOptions } from "./options.ts";
import { seal, sealedLength } from "./sealing.ts";
import { Writer } from "./writer.ts";

const CRC_BYTES = 5;
const COMPOUND_HEAD_BYTES = 2;
const PART_HEAD_BYTES = 2;

/** Where messages begin in the buffers: it leaves room for all headers before them. */
const BODY_AT = 2 + LABEL_BYTES_MAX + CRC_BYTES + COMPOUND_HEAD_BYTES + PART_HEAD_BYTES * COMPOUND_PARTS_MAX;
const BUFFER_BYTES_MAX = BODY_AT + DATAGRAM_BYTES_MAX;

/**
 * Builds one packet after another from messages and their wrappers (docs/protocol/memberlist.md, section 6.1).
 *
 * Messages are copied once, after room for all headers, so that wrapping moves nothing.
 */
export class PacketBuilder {
  readonly #options: WireOptions;
  readonly #lengths: Uint16Array = new Uint16Array(COMPOUND_PARTS_MAX);
  readonly #lzw: LzwEncoder = new LzwEncoder();
  readonly #compressHead: Writer = new Writer("v2", 32);
  #buffer: Uint8Array = new Uint8Array(BODY_AT + 2048);
  /** The results of compression and encryption, which cannot work in place. */
  #compressed: Uint8Array = EMPTY;
  #sealed: Uint8Array = EMPTY;
  #bodyBytes = 0;
  #count = 0;
  #overhead = 0;

  constructor(options: WireOptions) {
    this.#options = options;
    this.begin();
  }

  /** Messages in the packet. */
  get count(): number {
    return this.#count;
  }

  /** Starts an empty packet. */
  begin(): void {
    this.#bodyBytes = 0;
    this.#count = 0;
    // Keys may change between two packets.
    this.#overhead = labelOverhead(this.#options) + encryptionOverhead(this.#options) + CRC_BYTES;
  }

  /** Longest message that still fits beside those already added, with all wrappers. */
  room(): number {
    if (this.#count >= COMPOUND_PARTS_MAX) return 0;
    const used = COMPOUND_HEAD_BYTES + PART_HEAD_BYTES * (this.#count + 1) + this.#bodyBytes + this.#overhead;
    return Math.max(0, this.#options.packetBytes - used);
  }

  /** Longest message that fits an empty packet, whatever this one contains. */
  emptyRoom(): number {
    const overhead = labelOverhead(this.#options) + encryptionOverhead(this.#options) + CRC_BYTES;
    return Math.max(0, this.#options.packetBytes - COMPOUND_HEAD_BYTES - PART_HEAD_BYTES - overhead);
  }

  /**
   * Adds a copy of a message. False if it is longer than `room()`, or empty, which crashes older peers. The first
   * message may be as long as a datagram can carry.
   */
  add(message: Uint8Array): boolean {
    const length = message.length;
    if (length === 0) return false;
    if (length > this.room() && (this.#count > 0 || length > DATAGRAM_BYTES_MAX - this.#overhead)) return false;
    const at = BODY_AT + this.#bodyBytes;
    this.#buffer = withRoom(this.#buffer, at + length, at);
    this.#buffer.set(message, at);
    this.#lengths[this.#count++] = length;
    this.#bodyBytes += length;
    return true;
  }

  /** The packet. It is borrowed: the next `begin` or `finish` may overwrite it. Calling it again gives the same. */
  finish(withCrc: boolean): Uint8Array {
    let bytes = this.#buffer;
    let start = this.#count === 1 ? BODY_AT : this.#writeCompoundHead();
    let end = BODY_AT + this.#bodyBytes;
    const compressedBytes = this.#compress(start, end);
    if (compressedBytes > 0) {
      bytes = this.#compressed;
      start = BODY_AT;
      end = BODY_AT + compressedBytes;
    }
    if (withCrc) start = this.#writeCrc(bytes, start, end);
    return this.#encryptAndLabel(bytes, start, end);
  }

  #writeCompoundHead(): number {
    const start = BODY_AT - COMPOUND_HEAD_BYTES - PART_HEAD_BYTES * this.#count;
    const buffer = this.#buffer;
    buffer[start] = COMPOUND;
    buffer[start + 1] = this.#count;
    for (let i = 0; i < this.#count; i++) {
      const length = this.#lengths[i] as number;
      buffer[start + 2 + 2 * i] = length >> 8;
      buffer[start + 3 + 2 * i] = length;
    }
    return start;
  }

  /** Compresses into the other buffer and returns the length; 0 if the packet stays uncompressed. */
  #compress(start: number, end: number): number {
    const plain = end - start;
    if (!this.#options.compression || plain < this.#options.packetCompressionMinBytes) return 0;
    this.#lzw.begin(this.#buffer.subarray(start, end));
    this.#lzw.step(plain);
    const lzw = this.#lzw.result();
    this.#compressHead.reset();
    writeCompressHead(this.#compressHead, lzw.length);
    const headBytes = this.#compressHead.length;
    if (headBytes + lzw.length >= plain) return 0;
    this.#compressed = withRoom(this.#compressed, BODY_AT + headBytes + lzw.length, 0);
    this.#compressed.set(this.#compressHead.borrow(), BODY_AT);
    this.#compressed.set(lzw, BODY_AT + headBytes);
    return headBytes + lzw.length;
  }

  #writeCrc(bytes: Uint8Array, start: number, end: number): number {
    const crc = this.#options.crc32(bytes.subarray(start, end));
    const at = start - CRC_BYTES;
    bytes[at] = HAS_CRC;
    bytes[at + 1] = crc >>> 24;
    bytes[at + 2] = crc >>> 16;
    bytes[at + 3] = crc >>> 8;
    bytes[at + 4] = crc;
    return at;
  }

  #encryptAndLabel(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const { keyring, cipher, encryptionVersion, label, verifyOutgoing } = this.#options;
    const key = keyring?.primary ?? null;
    if (key === null || cipher === null || !verifyOutgoing) return this.#label(bytes, start, end);
    const plaintext = bytes.subarray(start, end);
    const sealedEnd = BODY_AT + sealedLength(encryptionVersion, plaintext.length);
    this.#sealed = withRoom(this.#sealed, sealedEnd, 0);
    seal(cipher, key, encryptionVersion, plaintext, label, this.#sealed, BODY_AT);
    return this.#label(this.#sealed, BODY_AT, sealedEnd);
  }

  #label(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const { label } = this.#options;
    if (label.length === 0) return bytes.subarray(start, end);
    const at = start - 2 - label.length;
    bytes[at] = HAS_LABEL;
    bytes[at + 1] = label.length;
    bytes.set(label, at + 2);
    return bytes.subarray(at, end);
  }
}

/** `buffer` itself, or a larger one with a copy of its first `kept` bytes. */
function withRoom(buffer: Uint8Array, needed: number, kept: number): Uint8Array {
  if (needed <= buffer.length) return buffer;
  const grown = new Uint8Array(Math.min(BUFFER_BYTES_MAX, Math.max(needed, 2 * buffer.length)));
  grown.set(buffer.subarray(0, kept));
  return grown;
}
