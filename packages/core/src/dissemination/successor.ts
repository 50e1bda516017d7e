import type { MemberRecord } from "../membership/member-record.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import { ALIVE_STATUS } from "../membership/status.ts";

/** Most members between this node and its successor that get fresh news from this node. */
const BETWEEN_MAX = 3;

/**
 * The next member after this node in a ring ordered by the hash of names. The ring has the alive members that
 * understand Hearsay's extensions, because these pass news on as soon as they hear it. All views order the ring alike,
 * so news that each node passes to its successor reaches all of these members, whatever the random choices leave out.
 */
export class Successor {
  readonly #table: MemberTable;
  readonly #self: Slot;
  #slot: Slot = -1;
  readonly #between: Slot[] = [];
  #isKnown = false;

  constructor(table: MemberTable, self: Slot) {
    this.#table = table;
    this.#self = self;
  }

  /** The successor's slot; -1 if no other member is in the ring. */
  get slot(): Slot {
    if (!this.#isKnown) this.#search();
    return this.#slot;
  }

  /**
   * The alive members between this node and its successor, nearest first and at most three. They are not in the ring,
   * and only this node is sure to tell them.
   */
  get between(): readonly Slot[] {
    if (!this.#isKnown) this.#search();
    return this.#between;
  }

  /** A member appeared, or its status or record changed. */
  moved(slot: Slot): void {
    if (!this.#isKnown || slot === this.#self) return;
    if (this.#isMixed()) {
      this.#isKnown = false;
      return;
    }
    const isIn = this.#table.status(slot) === ALIVE_STATUS && this.#table.record(slot).isCapable;
    if (slot === this.#slot) this.#isKnown = isIn;
    else if (isIn && (this.#slot < 0 || this.#isCloser(slot, this.#slot))) this.#slot = slot;
  }

  #search(): void {
    this.#slot = -1;
    const end = this.#table.groupEnd(ALIVE_STATUS);
    for (let place = 0; place < end; place++) {
      const slot = this.#table.at(place);
      if (slot === this.#self || !this.#table.record(slot).isCapable) continue;
      if (this.#slot < 0 || this.#isCloser(slot, this.#slot)) this.#slot = slot;
    }
    this.#between.length = 0;
    if (this.#isMixed()) this.#searchBetween(end);
    this.#isKnown = true;
  }

  #searchBetween(end: number): void {
    const between = this.#between;
    for (let place = 0; place < end; place++) {
      const slot = this.#table.at(place);
      if (slot === this.#self || this.#table.record(slot).isCapable) continue;
      if (this.#slot >= 0 && !this.#isCloser(slot, this.#slot)) continue;
      const at = between.findIndex((other) => this.#isCloser(slot, other));
      between.splice(at < 0 ? between.length : at, 0, slot);
      if (between.length > BETWEEN_MAX) between.pop();
    }
  }

  /** Whether there are members that do not understand extensions. */
  #isMixed(): boolean {
    return this.#table.capable < this.#table.size;
  }

  /** Whether walking up the ring from this node meets `a` before `b`. */
  #isCloser(a: Slot, b: Slot): boolean {
    const self = this.#table.record(this.#self);
    const recordA = this.#table.record(a);
    const recordB = this.#table.record(b);
    const isPastA = comesAfter(recordA, self);
    const isPastB = comesAfter(recordB, self);
    if (isPastA !== isPastB) return isPastA;
    return comesAfter(recordB, recordA);
  }
}

function comesAfter(a: MemberRecord, b: MemberRecord): boolean {
  return a.hash !== b.hash ? a.hash > b.hash : a.name > b.name;
}
