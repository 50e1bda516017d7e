import type { MemberRecord } from "../membership/member-record.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import { ALIVE_STATUS } from "../membership/status.ts";

/** Members between this node and its successor that it tells first. */
const BETWEEN_MAX = 3;

/**
 * The next member after this node in a ring of those that are alive and understand Hearsay's extensions, which pass news
 * on as soon as they hear it, ordered by the hash of names. All views order the ring alike, so news that each node passes
 * to its successor walks past all of these, whatever the random choices leave out.
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

  /** The successor's slot; -1 when there is nobody else in the ring. */
  get slot(): Slot {
    if (!this.#isKnown) this.#search();
    return this.#slot;
  }

  /**
   * The alive members between this node and its successor, nearest first and at most three: they are in no ring, and nobody
   * but this node is sure to tell them.
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

  /** Whether there are members that are in no ring. */
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
