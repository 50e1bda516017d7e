import { below, type Random } from "../base/random.ts";
import type { MemberTable, Slot } from "./member-table.ts";
import { ALIVE_STATUS, DEAD_STATUS, SUSPECT_STATUS } from "./status.ts";

/** Which members may be chosen. */
export interface Eligible {
  /** Members that must not be chosen: this node, a probe's target. -1 for none. */
  readonly except: Slot;
  readonly orExcept: Slot;
  /** Members that failed at this time or later may be chosen too; `Infinity` for none. */
  readonly deadSince: number;
  /** Whether suspects may be chosen. */
  readonly suspects: boolean;
  /** Whether only members that understand Hearsay's extensions may be chosen. */
  readonly capable: boolean;
}

/**
 * Chooses up to `count` different members at random, each eligible one with equal probability. It takes O(count) for
 * any size of the table, unless few members are capable and only those are eligible (design of memberlist's
 * `kRandomNodes`, section 21). It stores the slots in `chosen`, which the next call overwrites, and returns their
 * number.
 */
export class Selection {
  readonly chosen: Int32Array = new Int32Array(64);
  readonly #table: MemberTable;
  readonly #random: Random;
  #scratch: Int32Array = new Int32Array(256);

  constructor(table: MemberTable, random: Random) {
    this.#table = table;
    this.#random = random;
  }

  /** Chooses alive members except `except` and `orExcept`; with `capable` only those that understand extensions. */
  alive(count: number, except: Slot, orExcept: Slot = -1, capable = false): number {
    // Written out, because copying the properties of a constant costs thirty times as much as the choice itself.
    return this.choose(count, { except, orExcept, deadSince: Number.POSITIVE_INFINITY, suspects: false, capable });
  }

  choose(count: number, eligible: Eligible): number {
    const wanted = Math.min(count, this.chosen.length);
    const range = this.#range(eligible);
    // In a small range, and where few members are capable, most draws would hit members that are taken or not eligible.
    // There, go through the whole range in random order.
    const isSparse = eligible.capable && 4 * this.#table.capable < this.#table.size;
    return range <= 3 * wanted + 8 || isSparse
      ? this.#exhaustively(wanted, range, eligible)
      : this.#byDraws(wanted, range, eligible);
  }

  #range(eligible: Eligible): number {
    if (eligible.deadSince !== Number.POSITIVE_INFINITY) return this.#table.groupEnd(DEAD_STATUS);
    return eligible.suspects ? this.#table.groupEnd(SUSPECT_STATUS) : this.#table.groupEnd(ALIVE_STATUS);
  }

  #exhaustively(wanted: number, range: number, eligible: Eligible): number {
    let candidates = 0;
    if (this.#scratch.length < range) this.#scratch = new Int32Array(2 * range);
    for (let place = 0; place < range; place++) {
      const slot = this.#table.at(place);
      if (this.#isEligible(slot, eligible)) this.#scratch[candidates++] = slot;
    }
    const count = Math.min(wanted, candidates);
    for (let i = 0; i < count; i++) {
      const j = i + below(this.#random, candidates - i);
      this.chosen[i] = this.#scratch[j] as number;
      this.#scratch[j] = this.#scratch[i] as number;
    }
    return count;
  }

  #byDraws(wanted: number, range: number, eligible: Eligible): number {
    let count = 0;
    // At most `wanted` + 2 places of over 3 x `wanted` + 8 are taken or excluded, so most draws succeed; with `capable`
    // about one in four or more. For gossip, members that failed long ago can change this; then a tick has fewer
    // targets, and the next one makes up for it.
    for (let draws = 8 * wanted + 16; draws > 0 && count < wanted; draws--) {
      const slot = this.#table.at(below(this.#random, range));
      if (this.#isEligible(slot, eligible) && !this.#isChosen(slot, count)) this.chosen[count++] = slot;
    }
    return count;
  }

  #isChosen(slot: Slot, count: number): boolean {
    for (let i = 0; i < count; i++) if (this.chosen[i] === slot) return true;
    return false;
  }

  #isEligible(slot: Slot, eligible: Eligible): boolean {
    if (slot === eligible.except || slot === eligible.orExcept) return false;
    if (eligible.capable && !this.#table.record(slot).isCapable) return false;
    return this.#table.status(slot) !== DEAD_STATUS || this.#table.since(slot) >= eligible.deadSince;
  }
}
