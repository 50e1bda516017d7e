import { EMPTY } from "../base/bytes.ts";
import { readCompress } from "./compress.ts";
import { FAULTS, isFault, type WireFault } from "./faults.ts";
import { GrowingBuffer } from "./growing-buffer.ts";
import { labelFault } from "./label.ts";
import { STREAM_DECOMPRESSED_BYTES_MAX, STREAM_FRAME_BYTES_MAX, STREAM_MESSAGE_BYTES_MAX } from "./limits.ts";
import { LZW_TABLE_BYTES, LzwDecoder, type LzwProgress } from "./lzw-decoder.ts";
import { MessageExtent } from "./message-extent.ts";
import { ACK, COMPRESS, ENCRYPT, ERROR, HAS_LABEL, PING, PUSH_PULL, USER } from "./messages.ts";
import { beUint } from "./msgpack-skipper.ts";
import { secretsOf, type WireOptions } from "./options.ts";
import { openSealed } from "./sealing.ts";
import { FRAME_HEAD_BYTES, frameAad } from "./stream-wrap.ts";
import { StructReader } from "./struct-reader.ts";

/** Which end of a stream: the one that connected, or the one that accepted. */
export type StreamSide = "connect" | "accept";

/**
 * The state of a stream. After "no-room" the decoder can continue once there is room. "closed" is an end before any
 * byte of a message. "message", "failed" and "closed" are final.
 */
export type StreamProgress = "need-more" | "working" | "no-room" | "message" | "failed" | "closed";

/** Asks whether a stream may hold this total of bytes from now on. Less than before is always granted. */
export type Hold = (bytes: number) => boolean;

const TRUNCATED_TEXT = "unexpected EOF";

/** Room for a label header, a frame head and the largest message; no peer needs to send more. */
const BUFFERED_BYTES_MAX = STREAM_MESSAGE_BYTES_MAX + 512;

/**
 * Reads the one message that each side of a stream sends (docs/protocol/memberlist.md, section 7.2). It takes chunks of
 * any size and does the work in slices.
 */
export class StreamDecoder {
  readonly #options: WireOptions;
  readonly #side: StreamSide;
  readonly #hold: Hold;
  readonly #input: GrowingBuffer = new GrowingBuffer();
  readonly #extent: MessageExtent = new MessageExtent();
  #lzw: LzwDecoder | null = null;
  /** Whether decompression takes more than one step, so that its table must be kept too. */
  #isLong = false;
  /** The bytes to decompress, and the size of the memory that holds them. */
  #packed: { readonly bytes: Uint8Array; readonly heldBytes: number } | null = null;
  /** Upper bound of the input's length, exact once it is known. */
  #inputBytesMax = BUFFERED_BYTES_MAX;
  /** The current stage of the work; each stage sets the next one. */
  #stage: "label" | "type" | "frame" | "plain" | "decompress" | "final";
  #progress: StreamProgress = "need-more";
  #at = 0;
  #hasEnded = false;
  #message: Uint8Array = EMPTY;
  #fault: WireFault | null = null;
  #answer: string | null = null;

  constructor(options: WireOptions, side: StreamSide, hold: Hold = () => true) {
    this.#options = options;
    this.#side = side;
    this.#hold = hold;
    // Answers carry no label header, but their authenticated data includes the label.
    this.#stage = side === "accept" ? "label" : "type";
  }

  /** The unwrapped message, type byte first, once `step` has returned "message"; empty before. The caller owns it. */
  get message(): Uint8Array {
    return this.#message;
  }

  /** Why `step` returned "failed". */
  get fault(): WireFault | null {
    return this.#fault;
  }

  /** Text of the error message that an accepting side sends for the fault; null to close without an answer. */
  get answer(): string | null {
    return this.#answer;
  }

  /** Copies a received chunk; false if there is no room for it yet. Bytes after the message are ignored. */
  push(chunk: Uint8Array): boolean {
    if (this.#stage === "final" || this.#stage === "decompress" || this.#hasEnded) return true;
    if (this.#input.length + chunk.length > BUFFERED_BYTES_MAX) {
      this.#fail(FAULTS.tooLarge, null);
      return true;
    }
    const capacities = this.#input.capacitiesFor(chunk.length, this.#inputBytesMax);
    if (capacities.length > 0) {
      const capacity = capacities.find((bytes) => this.#hold(bytes));
      if (capacity === undefined) return false;
      this.#input.reserve(capacity);
    }
    this.#input.push(chunk);
    return true;
  }

  /** The peer has closed its side. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Processes at most about `budgetBytes` bytes. Opening an encrypted frame is not divided. */
  step(budgetBytes: number): StreamProgress {
    for (;;) {
      const before = this.#stage;
      this.#advance(Math.max(1, budgetBytes));
      if (this.#stage === before || this.#stage === "final") break;
    }
    if (this.#stage === "final") return this.#progress;
    if (this.#progress === "need-more" && this.#hasEnded) this.#onCutOff();
    return this.#progress;
  }

  #advance(budget: number): void {
    switch (this.#stage) {
      case "label":
        this.#readLabel();
        return;
      case "type":
        this.#readType();
        return;
      case "frame":
        this.#readFrame();
        return;
      case "plain":
        this.#readPlain(budget);
        return;
      case "decompress":
        this.#decompress(budget);
        return;
      case "final":
        return;
    }
  }

  #readLabel(): void {
    const { bytes, length } = this.#input;
    if (length === 0) return;
    let end = 0;
    if (bytes[0] === HAS_LABEL) {
      if (length < 2) return;
      end = 2 + (bytes[1] ?? 0);
      if (end === 2) {
        this.#fail(FAULTS.badLabel, null);
        return;
      }
      if (length < end) return;
    }
    const fault = labelFault(this.#options, bytes, end === 0 ? 0 : 2, end);
    if (fault !== null) {
      this.#fail(fault, null);
      return;
    }
    this.#at = end;
    this.#stage = "type";
  }

  #readType(): void {
    if (this.#input.length <= this.#at) return;
    const type = this.#input.bytes[this.#at] as number;
    const hasKeys = secretsOf(this.#options) !== null;
    if (type === ENCRYPT) {
      if (hasKeys) this.#stage = "frame";
      else this.#fail(FAULTS.encrypted, "remote state is encrypted and encryption is not configured");
    } else if (hasKeys && this.#options.verifyIncoming) {
      this.#fail(FAULTS.notEncrypted, "encryption is configured but remote state is not encrypted");
    } else if (type !== COMPRESS && !this.#isExpected(type)) {
      this.#fail(FAULTS.badType, null);
    } else {
      this.#extent.begin(this.#at);
      this.#stage = "plain";
    }
  }

  /** Whether this side expects a message of this type. */
  #isExpected(type: number): boolean {
    if (this.#side === "accept") return type === PING || type === PUSH_PULL || type === USER;
    return type === ACK || type === PUSH_PULL || type === ERROR;
  }

  #readFrame(): void {
    const { bytes, length } = this.#input;
    const blobAt = this.#at + FRAME_HEAD_BYTES;
    if (length < blobAt) return;
    const blobBytes = beUint(bytes, this.#at + 1, 4);
    if (blobBytes > STREAM_FRAME_BYTES_MAX) {
      this.#fail(FAULTS.tooLarge, `remote node state is larger than limit (${blobBytes})`);
      return;
    }
    this.#inputBytesMax = blobAt + blobBytes;
    const secrets = secretsOf(this.#options);
    if (length < blobAt + blobBytes || secrets === null) return;
    const blob = bytes.subarray(blobAt, blobAt + blobBytes);
    const plain = openSealed(secrets.cipher, secrets.keyring, blob, frameAad(bytes, this.#at, this.#options.label));
    if (isFault(plain)) {
      this.#fail(plain, openingText(plain, blob[0] ?? 0));
      return;
    }
    this.#input.release();
    this.#hold(plain.length);
    if (plain.length === 0) this.#fail(FAULTS.empty, TRUNCATED_TEXT);
    else if (plain[0] === COMPRESS) this.#beginDecompression(plain, 0, plain.length);
    else this.#accept(plain);
  }

  #readPlain(budget: number): void {
    const { bytes, length } = this.#input;
    const isCompressed = bytes[this.#at] === COMPRESS;
    const progress = this.#extent.run(bytes, length, budget);
    if (isFault(progress)) {
      // Only faults of the wrappers are answered: they concern the connection, the others only its content.
      this.#fail(progress, isCompressed ? "cannot decode the compressed message" : null);
    } else if (progress !== "done") {
      this.#progress = progress;
    } else if (isCompressed) {
      this.#beginDecompression(bytes, this.#at, this.#extent.end);
    } else {
      this.#accept(bytes.subarray(this.#at, this.#extent.end));
    }
  }

  #beginDecompression(bytes: Uint8Array, start: number, end: number): void {
    const lzwBytes = readCompress(new StructReader(), bytes, start, end);
    if (isFault(lzwBytes)) {
      this.#fail(lzwBytes, "cannot decode the compressed message");
      return;
    }
    this.#packed = { bytes: lzwBytes, heldBytes: bytes.length };
    this.#progress = "working";
    this.#stage = "decompress";
  }

  /** A short message frees its table within the step, so only a long one requests room for the table. */
  #decompress(budget: number): void {
    let lzw = this.#lzw ?? this.#beginLzw();
    const end = (lzw?.outputBytes ?? 0) + budget;
    let progress: LzwProgress = lzw?.step(budget) ?? "full";
    while (lzw !== null && progress === "full" && this.#growOutput(lzw)) {
      progress = lzw.step(Math.max(1, end - lzw.outputBytes));
    }
    if (lzw !== null && progress !== "more" && progress !== "full") return this.#finishLzw(lzw, progress);
    if (!this.#isLong) {
      this.#isLong = true;
      // Without room to continue, or for the table, it starts again as a long one, which waits for both at once.
      if (lzw === null || progress === "full" || !this.#holdUnpacked(lzw.capacity)) {
        lzw = this.#beginLzw();
        progress = "more";
      }
    }
    this.#lzw = lzw;
    this.#progress = progress === "full" || lzw === null ? "no-room" : "working";
  }

  /** Starts decompression; null if there is no room for it. */
  #beginLzw(): LzwDecoder | null {
    const bytes = this.#packed?.bytes ?? EMPTY;
    const capacities = LzwDecoder.firstCapacities(bytes.length, STREAM_DECOMPRESSED_BYTES_MAX);
    const capacity = capacities.find((one) => this.#holdUnpacked(one));
    if (capacity === undefined) return null;
    const lzw = new LzwDecoder();
    lzw.begin(bytes, STREAM_DECOMPRESSED_BYTES_MAX, capacity);
    return lzw;
  }

  #growOutput(lzw: LzwDecoder): boolean {
    const capacity = lzw.capacities().find((one) => this.#holdUnpacked(one));
    if (capacity !== undefined) lzw.reserve(capacity);
    return capacity !== undefined;
  }

  /** Requests room for `capacity` bytes of output besides the input. */
  #holdUnpacked(capacity: number): boolean {
    return this.#hold((this.#packed?.heldBytes ?? 0) + (this.#isLong ? LZW_TABLE_BYTES : 0) + capacity);
  }

  #finishLzw(lzw: LzwDecoder, progress: LzwProgress): void {
    this.#input.release();
    this.#lzw = null;
    this.#packed = null;
    this.#hold(lzw.capacity);
    if (progress === "too-large") this.#fail(FAULTS.tooLarge, "decompressed message is larger than the limit");
    else if (progress === "failed") this.#fail(FAULTS.badCompression, "cannot decompress the message");
    else if (lzw.result().length === 0) this.#fail(FAULTS.empty, "decompressed message is empty");
    else this.#accept(lzw.result());
  }

  /** Accepts an unwrapped message. Only one level of compression is allowed. */
  #accept(message: Uint8Array): void {
    if (!this.#isExpected(message[0] as number)) {
      this.#fail(FAULTS.badType, null);
      return;
    }
    this.#message = message;
    this.#stage = "final";
    this.#progress = "message";
  }

  #onCutOff(): void {
    if (this.#stage === "label" && this.#input.length > 0) {
      this.#fail(FAULTS.badLabel, null);
    } else if (this.#stage === "label" || this.#stage === "type") {
      this.#input.release();
      this.#stage = "final";
      this.#progress = "closed";
    } else {
      const isAnswered = this.#stage === "frame" || this.#input.bytes[this.#at] === COMPRESS;
      this.#fail(FAULTS.truncated, isAnswered ? TRUNCATED_TEXT : null);
    }
  }

  #fail(fault: WireFault, answer: string | null): void {
    this.#fault = fault;
    this.#answer = this.#side === "accept" ? answer : null;
    this.#input.release();
    this.#lzw = null;
    this.#packed = null;
    this.#hold(0);
    this.#stage = "final";
    this.#progress = "failed";
  }
}

function openingText(fault: WireFault, version: number): string {
  if (fault === FAULTS.badVersion) return `unsupported encryption version ${version}`;
  if (fault === FAULTS.tooShort) return "payload is too small to decrypt";
  return "no installed keys could decrypt the message";
}
