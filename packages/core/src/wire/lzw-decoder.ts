import { EMPTY } from "../base/bytes.ts";
import { growths } from "./growing-buffer.ts";
import { CLEAR_CODE, END_CODE, FIRST_WIDTH } from "./lzw-encoder.ts";

const LAST_WIDTH = 12;
const NONE = -1;

/** Bound of the text of one code: each entry of the table is one byte longer than the entry it extends. */
const TEXT_BYTES_MAX = 1 << LAST_WIDTH;

/** First guesses of the ratio of output to input, best first. */
const FIRST_FACTORS = [3, 1.5, 0.75, 0.375];

/** Bytes of memory of a decoder's table. */
export const LZW_TABLE_BYTES: number = 6 << LAST_WIDTH;

/** The state of a decompression. "full" needs more memory to continue. "done", "failed" and "too-large" are final. */
export type LzwProgress = "more" | "full" | "done" | "failed" | "too-large";

/**
 * Decompresses LZW as Go's compress/lzw does (docs/protocol/memberlist.md, section 5.2).
 *
 * The text of each entry is already in the output: the text it extends and the byte that follows it there. So the table
 * holds positions in the output, and decoding a code copies bytes. Memory grows with the bytes decoded, never by a
 * claimed length.
 */
export class LzwDecoder {
  readonly #starts: Int32Array = new Int32Array(1 << LAST_WIDTH);
  readonly #lengths: Uint16Array = new Uint16Array(1 << LAST_WIDTH);

  #input: Uint8Array = EMPTY;
  #inputAt = 0;
  #output: Uint8Array = EMPTY;
  #outputStart = 0;
  #outputAt = 0;
  #outputLimit = 0;
  #bits = 0;
  #bitCount = 0;
  #width = FIRST_WIDTH;
  #nextCode = END_CODE;
  /** Position of the last code's text in the output; NONE right after a clear code and when the table is full. */
  #lastStart = NONE;
  #lastLength = 0;
  /** The code that was read last; after "full", its text is not yet written. */
  #code = 0;
  #progress: LzwProgress = "done";

  /** Starts on `input` with `capacity` bytes of output memory, which may grow up to `outputLimit` bytes. */
  begin(input: Uint8Array, outputLimit: number, capacity: number): void {
    this.beginInto(input, new Uint8Array(Math.min(capacity, outputLimit)), 0, outputLimit);
  }

  /** Sizes of memory to begin with, best first. */
  static firstCapacities(inputBytes: number, outputLimit: number): number[] {
    return FIRST_FACTORS.map((factor) => Math.min(outputLimit, Math.max(256, Math.ceil(factor * inputBytes))));
  }

  /** Bytes of output so far. */
  get outputBytes(): number {
    return this.#outputAt - this.#outputStart;
  }

  /** Bytes of output memory. */
  get capacity(): number {
    return this.#output.length;
  }

  /** Sizes of memory to continue with after "full", best first. */
  capacities(): number[] {
    return growths(
      this.#output.length,
      Math.min(this.#outputAt + TEXT_BYTES_MAX, this.#outputLimit),
      this.#outputLimit,
    );
  }

  /** Grows the output memory to `capacity` bytes. */
  reserve(capacity: number): void {
    const grown = new Uint8Array(capacity);
    grown.set(this.#output.subarray(0, this.#outputAt));
    this.#output = grown;
  }

  /**
   * Starts on `input` and writes at most `outputLimit` bytes into `output`, from `at` on. If that limit lies inside
   * `output`, the decoder is never "full", and `input` may be an earlier part of the same memory.
   */
  beginInto(input: Uint8Array, output: Uint8Array, at: number, outputLimit: number): void {
    this.#input = input;
    this.#inputAt = 0;
    this.#output = output;
    this.#outputStart = at;
    this.#outputAt = at;
    this.#outputLimit = at + outputLimit;
    this.#bits = 0;
    this.#bitCount = 0;
    this.#newTable();
    this.#progress = "more";
  }

  /** Decodes about `outputBytesMax` more bytes. */
  step(outputBytesMax: number): LzwProgress {
    let budget = outputBytesMax;
    if (this.#progress === "full") this.#progress = this.#apply(this.#code);
    while (this.#progress === "more" && budget > 0) {
      const before = this.#outputAt;
      this.#progress = this.#takeCode();
      // A clear code writes nothing but counts as work.
      budget -= Math.max(1, this.#outputAt - before);
    }
    return this.#progress;
  }

  /** The decompressed bytes so far, as a view. A later `begin` leaves it valid, because it takes new memory. */
  result(): Uint8Array {
    return this.#output.subarray(this.#outputStart, this.#outputAt);
  }

  #takeCode(): LzwProgress {
    while (this.#bitCount < this.#width) {
      if (this.#inputAt >= this.#input.length) return "failed";
      this.#bits |= (this.#input[this.#inputAt++] as number) << this.#bitCount;
      this.#bitCount += 8;
    }
    const code = this.#bits & ((1 << this.#width) - 1);
    this.#bits >>>= this.#width;
    this.#bitCount -= this.#width;
    this.#code = code;
    return this.#apply(code);
  }

  #apply(code: number): LzwProgress {
    if (code < CLEAR_CODE) return this.#append(code, NONE, 1);
    if (code === CLEAR_CODE) {
      this.#newTable();
      return "more";
    }
    if (code === END_CODE) return "done";
    if (code < this.#nextCode) return this.#append(0, this.#starts[code] as number, this.#lengths[code] as number);
    if (code > this.#nextCode) return "failed";
    // The text is that of the last code and its own first byte, which the copy writes before it reads it. In a full
    // table there is no last code, and this code is an ordinary entry.
    if (this.#lastStart !== NONE) return this.#append(0, this.#lastStart, this.#lastLength + 1);
    return this.#append(0, this.#starts[code] as number, this.#lengths[code] as number);
  }

  /** Writes `byte` if `from` is NONE, else the text at `from` in the output. Then adds an entry to the table. */
  #append(byte: number, from: number, length: number): LzwProgress {
    const start = this.#outputAt;
    const end = start + length;
    if (end > this.#outputLimit) return "too-large";
    if (end > this.#output.length) return "full";
    const output = this.#output;
    if (from === NONE) output[start] = byte;
    else for (let i = 0; i < length; i++) output[start + i] = output[from + i] as number;
    this.#outputAt = end;
    if (this.#lastStart !== NONE) {
      this.#starts[this.#nextCode] = this.#lastStart;
      this.#lengths[this.#nextCode] = this.#lastLength + 1;
    }
    this.#lastStart = start;
    this.#lastLength = length;
    this.#nextCode++;
    if (this.#nextCode === 1 << this.#width) {
      if (this.#width < LAST_WIDTH) {
        this.#width++;
      } else {
        this.#lastStart = NONE;
        this.#nextCode--;
      }
    }
    return "more";
  }

  #newTable(): void {
    this.#width = FIRST_WIDTH;
    this.#nextCode = END_CODE;
    this.#lastStart = NONE;
  }
}
