import { invariant } from "./invariant.ts";

/** A source of random numbers. It is passed at construction, so that the same seed gives the same run. */
export interface Random {
  /** The next 32 bits, as an unsigned integer. */
  nextU32(): number;
}

/** The small fast counting generator sfc32: 128 bits of state, period about 2^127. Not for secrets. */
export class Sfc32 implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Two 32-bit numbers select the stream: by convention, the seed of a run and the part of the run that uses it. */
  constructor(seed: number, stream = 0) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    this.#c = 0x9e3779b9;
    // Neighbouring seeds start with similar output; the author of sfc32 warms it up with twelve rounds.
    for (let i = 0; i < 12; i++) this.nextU32();
  }

  nextU32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

/** A whole number from 0 to `bound` − 1, each equally likely. `bound` is 1 to 2^32. */
export function below(random: Random, bound: number): number {
  invariant(bound > 0 && bound <= 0x1_0000_0000, "bound outside 1..2^32");
  // One choice needs no draw. Besides, clz32(0) = 32 would shift by 0, and the loop would hardly ever end.
  if (bound === 1) return 0;
  const mask = 0xffff_ffff >>> Math.clz32(bound - 1);
  for (;;) {
    const draw = (random.nextU32() & mask) >>> 0;
    if (draw < bound) return draw;
  }
}

/** A number in [0, 1). */
export function unit(random: Random): number {
  return random.nextU32() / 0x1_0000_0000;
}
