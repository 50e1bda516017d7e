import { EMPTY } from "../base/bytes.ts";

/** Codes of LZW with literals of eight bits (docs/protocol/memberlist.md, section 5.2). */
export const CLEAR_CODE = 256;
export const END_CODE = 257;
export const FIRST_WIDTH = 9;

/** The reference starts a new table when it reaches this code, the last one of 12 bits. */
const LAST_CODE = 4095;

const SLOT_BITS = 13;
const SLOT_MASK = (1 << SLOT_BITS) - 1;
const GENERATIONS_MAX = 4095;

/**
 * Compresses with LZW, byte for byte as Go's compress/lzw does with least significant bits first.
 *
 * The work can be cut into steps. The table and the output buffer are kept for the next input. Entries carry the
 * generation of their table, so that a new table costs nothing.
 */
export class LzwEncoder {
  /** Per slot: generation (12 bits), prefix code (12 bits), next byte (8 bits). Open addressing. */
  readonly #pairs: Int32Array = new Int32Array(1 << SLOT_BITS);
  readonly #codes: Uint16Array = new Uint16Array(1 << SLOT_BITS);
  #generation = 0;

  #input: Uint8Array = EMPTY;
  #inputAt = 0;
  #output: Uint8Array = EMPTY;
  #outputAt = 0;
  #bits = 0;
  #bitCount = 0;
  #width = FIRST_WIDTH;
  #lastCode = END_CODE;
  /** Code of the longest known text at the end of the input so far; −1 before the first byte. */
  #code = -1;

  /** Starts on `input`, which must not change until the last step. */
  begin(input: Uint8Array): void {
    this.#input = input;
    this.#inputAt = 0;
    this.#outputAt = 0;
    this.#bits = 0;
    this.#bitCount = 0;
    this.#code = -1;
    this.#reserve(16);
    this.#width = FIRST_WIDTH;
    this.#emit(CLEAR_CODE);
    this.#newTable();
  }

  /** Compresses up to `inputBytesMax` bytes of the input; true when all is done. */
  step(inputBytesMax: number): boolean {
    const left = this.#input.length - this.#inputAt;
    const count = Math.min(left, Math.max(1, Math.floor(inputBytesMax)));
    // A byte becomes at most one code of 12 bits, and clear codes are rarer than one in a thousand.
    this.#reserve(2 * count + 16);
    this.#compress(this.#inputAt + count);
    if (this.#inputAt < this.#input.length) return false;
    if (this.#code >= 0) {
      this.#emit(this.#code);
      this.#bump();
    }
    this.#emit(END_CODE);
    if (this.#bitCount > 0) this.#output[this.#outputAt++] = this.#bits;
    this.#bitCount = 0;
    this.#input = EMPTY;
    return true;
  }

  /** The compressed bytes, as a view that is valid until the next `begin`. */
  result(): Uint8Array {
    return this.#output.subarray(0, this.#outputAt);
  }

  #compress(end: number): void {
    const input = this.#input;
    const pairs = this.#pairs;
    const codes = this.#codes;
    let code = this.#code;
    let at = this.#inputAt;
    if (code < 0 && at < end) code = input[at++] as number;
    while (at < end) {
      const byte = input[at++] as number;
      const pair = (this.#generation << 20) | (code << 8) | byte;
      let slot = (Math.imul((code << 8) | byte, 0x9e37_79b1) >>> (32 - SLOT_BITS)) & SLOT_MASK;
      let found = pairs[slot] as number;
      while (found !== pair && found >>> 20 === this.#generation) {
        slot = (slot + 1) & SLOT_MASK;
        found = pairs[slot] as number;
      }
      if (found === pair) {
        code = codes[slot] as number;
        continue;
      }
      this.#emit(code);
      code = byte;
      if (this.#bump()) continue;
      pairs[slot] = pair;
      codes[slot] = this.#lastCode;
    }
    this.#code = code;
    this.#inputAt = at;
  }

  /** Counts the code that the decoder adds at this point. True if that begins a new table. */
  #bump(): boolean {
    this.#lastCode++;
    if (this.#lastCode === 1 << this.#width) this.#width++;
    if (this.#lastCode !== LAST_CODE) return false;
    this.#emit(CLEAR_CODE);
    this.#newTable();
    return true;
  }

  #newTable(): void {
    this.#width = FIRST_WIDTH;
    this.#lastCode = END_CODE;
    this.#generation++;
    if (this.#generation > GENERATIONS_MAX) {
      this.#pairs.fill(0);
      this.#generation = 1;
    }
  }

  #emit(code: number): void {
    let bits = this.#bits | (code << this.#bitCount);
    let bitCount = this.#bitCount + this.#width;
    while (bitCount >= 8) {
      this.#output[this.#outputAt++] = bits;
      bits >>>= 8;
      bitCount -= 8;
    }
    this.#bits = bits;
    this.#bitCount = bitCount;
  }

  #reserve(more: number): void {
    const needed = this.#outputAt + more;
    if (needed <= this.#output.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#output.length));
    grown.set(this.#output.subarray(0, this.#outputAt));
    this.#output = grown;
  }
}
