import { SEEN_WINDOW_MAX } from "./limits.ts";

const BITS_AT_START = 128;

/** Whether a number is new, was heard before, or is too far below the highest one to tell. */
export type Hearing = "first" | "again" | "too-old";

/**
 * Which numbers of one sequence have been heard: the window covers the last `SEEN_WINDOW_MAX` numbers up to the highest
 * (docs/protocol/hearsay.md, section 6). Its memory is 16 bytes for short sequences and grows to 512.
 */
export class SeenWindow {
  /** Number s has the bit s modulo the number of bits. Every marked number of the window has its own bit. */
  #words = new Uint32Array(BITS_AT_START / 32);
  #highest = 0;
  #lowest = 0;

  /** Marks a number, 1 to 2^53 - 1, and tells whether it was marked before. */
  note(sequence: number): Hearing {
    if (this.#highest === 0) {
      this.#highest = sequence;
      this.#lowest = sequence;
    }
    if (sequence > this.#highest) this.#advance(sequence);
    else if (sequence <= this.#highest - SEEN_WINDOW_MAX) return "too-old";
    else if (sequence < this.#lowest) this.#reach(sequence, this.#highest);
    const bit = sequence % (32 * this.#words.length);
    const word = this.#words[bit >>> 5] ?? 0;
    const mask = 1 << (bit & 31);
    if ((word & mask) !== 0) return "again";
    this.#words[bit >>> 5] = word | mask;
    return "first";
  }

  #advance(sequence: number): void {
    const before = this.#highest;
    if (before <= sequence - SEEN_WINDOW_MAX) {
      // All marks fall out of the window, so it can be small again.
      this.#words = new Uint32Array(BITS_AT_START / 32);
      this.#lowest = sequence;
    } else {
      this.#reach(Math.max(this.#lowest, sequence - SEEN_WINDOW_MAX + 1), sequence);
      const bits = 32 * this.#words.length;
      for (let passed = before + 1; passed <= sequence; passed++) this.#clear(passed % bits);
    }
    this.#highest = sequence;
  }

  /** Makes the bits span from `lowest` to `highest`. */
  #reach(lowest: number, highest: number): void {
    const bits = 32 * this.#words.length;
    let needed = bits;
    while (needed < highest - lowest + 1) needed *= 2;
    if (needed > bits) this.#grow(needed);
    this.#lowest = lowest;
  }

  #grow(bits: number): void {
    const old = this.#words;
    this.#words = new Uint32Array(bits / 32);
    const oldBits = 32 * old.length;
    for (let sequence = this.#highest; sequence > this.#highest - oldBits && sequence > 0; sequence--) {
      const from = sequence % oldBits;
      if (((old[from >>> 5] ?? 0) & (1 << (from & 31))) === 0) continue;
      const to = sequence % bits;
      this.#words[to >>> 5] = (this.#words[to >>> 5] ?? 0) | (1 << (to & 31));
    }
  }

  #clear(bit: number): void {
    this.#words[bit >>> 5] = (this.#words[bit >>> 5] ?? 0) & ~(1 << (bit & 31));
  }
}
