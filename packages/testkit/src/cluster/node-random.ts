import { type Random, Sfc32 } from "@hearsay/core";

/**
 * One node's random source. While it is held, it returns only zeros: a node that starts then puts the first tick of
 * each interval at that instant, so that a whole cluster ticks together.
 */
export class NodeRandom implements Random {
  readonly #random: Sfc32;
  isHeld = false;

  /** Stream 0 is the network's; every life of every node has its own stream. */
  constructor(seed: number, index: number, life: number) {
    this.#random = new Sfc32(seed, 1 + index + life * 0x10_0000);
  }

  nextU32(): number {
    return this.isHeld ? 0 : this.#random.nextU32();
  }
}
