import type { Random } from "@hearsay/core";

const WORDS = 607;
const TAP = 273;
const MASK_64 = (1n << 64n) - 1n;
const MASK_63 = (1n << 63n) - 1n;
const INT31_COUNT = 2 ** 31;

/** The random source of the coordinate experiments. */
export interface Chance extends Random {
  /** An integer from 0 to `bound` - 1. */
  below(bound: number): number;
}

/**
 * Go's math/rand for one seed, to repeat a run of the reference draw by draw: an additive lagged Fibonacci generator,
 * whose first 607 outputs determine all others.
 */
export class GoRandom implements Chance {
  readonly #words: bigint[];
  #at = 0;

  constructor(firstOutputs: readonly string[]) {
    this.#words = firstOutputs.map((hex) => BigInt(`0x${hex}`));
  }

  /** Same as Go's Intn. */
  below(bound: number): number {
    const isPowerOfTwo = (bound & (bound - 1)) === 0;
    const max = isPowerOfTwo ? INT31_COUNT - 1 : INT31_COUNT - 1 - (INT31_COUNT % bound);
    for (;;) {
      const draw = Number((this.#next() >> 32n) & 0x7fff_ffffn);
      if (draw <= max) return draw % bound;
    }
  }

  /** The upper 32 of the 63 bits that Go's Float64 uses. */
  nextU32(): number {
    return Number((this.#next() & MASK_63) >> 31n);
  }

  #next(): bigint {
    const index = this.#at % WORDS;
    const first = this.#words[index] ?? 0n;
    // From the second round on, an output is the sum of those of 607 and 273 draws ago, and overwrites the older one.
    const word = this.#at < WORDS ? first : (first + (this.#words[(index + WORDS - TAP) % WORDS] ?? 0n)) & MASK_64;
    this.#words[index] = word;
    this.#at++;
    return word;
  }
}
