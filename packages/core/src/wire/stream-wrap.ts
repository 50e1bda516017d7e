import { EMPTY } from "../base/bytes.ts";
import { writeCompressHead } from "./compress.ts";
import { FAULTS, type WireFault } from "./faults.ts";
import { STREAM_FRAME_BYTES_MAX } from "./limits.ts";
import { LzwEncoder } from "./lzw-encoder.ts";
import { ENCRYPT, HAS_LABEL } from "./messages.ts";
import { labelOverhead, secretsOf, type WireOptions } from "./options.ts";
import { seal, sealedLength } from "./sealing.ts";
import { Writer } from "./writer.ts";

/** Type byte and length of an encrypted frame. */
export const FRAME_HEAD_BYTES = 5;

/** Wraps one message for a stream (docs/protocol/memberlist.md, section 7.1), in slices of work. */
export class StreamWrap {
  readonly #options: WireOptions;
  readonly #message: Uint8Array;
  readonly #writesLabel: boolean;
  readonly #lzw: LzwEncoder | null;
  #result: Uint8Array | null = null;
  #fault: WireFault | null = null;

  constructor(options: WireOptions, message: Uint8Array, writesLabel: boolean) {
    this.#options = options;
    this.#message = message;
    this.#writesLabel = writesLabel;
    const isCompressed = options.compression && message.length >= options.streamCompressionMinBytes;
    this.#lzw = isCompressed ? new LzwEncoder() : null;
    this.#lzw?.begin(message);
  }

  /** Compresses up to `budgetBytes` of the message; true when `result` is ready. Encryption is not divided. */
  step(budgetBytes: number): boolean {
    if (this.#result !== null) return true;
    if (this.#lzw !== null && !this.#lzw.step(budgetBytes)) return false;
    this.#finish();
    return true;
  }

  /** "too-large" if no peer would accept the frame; then there is nothing to write. Otherwise null. */
  get fault(): WireFault | null {
    return this.#fault;
  }

  /** What to write on the stream, in memory of its own. Empty until `step` has returned true. */
  result(): Uint8Array {
    return this.#result ?? EMPTY;
  }

  #finish(): void {
    const { label } = this.#options;
    const labelBytes = this.#writesLabel ? labelOverhead(this.#options) : 0;
    const bytes = this.#encrypted(this.#compressed(), labelBytes);
    if (labelBytes > 0 && bytes.length > 0) {
      bytes[0] = HAS_LABEL;
      bytes[1] = label.length;
      bytes.set(label, 2);
    }
    this.#result = bytes;
  }

  #compressed(): Uint8Array {
    if (this.#lzw === null) return this.#message;
    const lzw = this.#lzw.result();
    const writer = new Writer("v2", lzw.length + 32);
    writeCompressHead(writer, lzw.length);
    writer.raw(lzw);
    return writer.borrow();
  }

  /** The encrypted frame of `plain`, or `plain` itself, after `before` bytes of room. */
  #encrypted(plain: Uint8Array, before: number): Uint8Array {
    const { encryptionVersion, label, verifyOutgoing } = this.#options;
    const secrets = verifyOutgoing ? secretsOf(this.#options) : null;
    const key = secrets?.keyring.primary ?? null;
    if (secrets === null || key === null) {
      const bytes = new Uint8Array(before + plain.length);
      bytes.set(plain, before);
      return bytes;
    }
    const length = sealedLength(encryptionVersion, plain.length);
    if (length > STREAM_FRAME_BYTES_MAX) {
      this.#fault = FAULTS.tooLarge;
      return EMPTY;
    }
    const bytes = new Uint8Array(before + FRAME_HEAD_BYTES + length);
    bytes[before] = ENCRYPT;
    bytes[before + 1] = length >>> 24;
    bytes[before + 2] = length >>> 16;
    bytes[before + 3] = length >>> 8;
    bytes[before + 4] = length;
    const aad = frameAad(bytes, before, label);
    seal(secrets.cipher, key, encryptionVersion, plain, aad, bytes, before + FRAME_HEAD_BYTES);
    return bytes;
  }
}

/** The authenticated data of a frame: the five bytes of its head and the label (section 5.4). */
export function frameAad(bytes: Uint8Array, at: number, label: Uint8Array): Uint8Array {
  const aad = new Uint8Array(FRAME_HEAD_BYTES + label.length);
  aad.set(bytes.subarray(at, at + FRAME_HEAD_BYTES));
  aad.set(label, FRAME_HEAD_BYTES);
  return aad;
}
