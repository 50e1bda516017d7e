import { invariant } from "../base/invariant.ts";
import type { MemberRecord } from "./member-record.ts";

/**
 * Maps names to slots of the member table, with open addressing in one Int32Array. It takes about 8 bytes a member and
 * a `Map` 50; this decides whether 10,000 views of 10,000 members fit in one simulation.
 */
export class SlotIndex {
  /** Slot + 1 in each cell; 0 is empty. The length is a power of two. */
  #cells: Int32Array = new Int32Array(16);
  #count = 0;
  readonly #records: readonly (MemberRecord | undefined)[];

  readonly #salt: number;

  /**
   * `records` is the table's own column of records by slot; the index only reads it. `salt` is 32 random bits, so that
   * no peer can choose names that share a cell.
   */
  constructor(records: readonly (MemberRecord | undefined)[], salt: number) {
    this.#records = records;
    this.#salt = salt;
  }

  /** The slot of `name`, or -1. */
  find(name: string): number {
    const cell = this.#cellOf(name);
    return (this.#cells[cell] as number) - 1;
  }

  /** Adds a slot whose record is in place and whose name is not in the index yet. */
  add(slot: number): void {
    if ((this.#count + 1) * 3 > this.#cells.length * 2) this.#grow(this.#cells.length * 2);
    this.#place(slot);
    this.#count++;
  }

  /** Makes room for `count` members, so that a large index does not grow step by step. */
  reserve(count: number): void {
    let length = this.#cells.length;
    while (count * 3 > length * 2) length *= 2;
    if (length > this.#cells.length) this.#grow(length);
  }

  /** Removes a slot while its record is still in place. */
  remove(slot: number): void {
    const record = this.#record(slot);
    const mask = this.#cells.length - 1;
    let hole = this.#cellOf(record.name);
    invariant(this.#cells[hole] === slot + 1, "slot not in the index");
    // Move later entries of the same run back, so that no tombstone is needed.
    for (let cell = (hole + 1) & mask; this.#cells[cell] !== 0; cell = (cell + 1) & mask) {
      const home = this.#home((this.#cells[cell] as number) - 1);
      if (((cell - home) & mask) >= ((cell - hole) & mask)) {
        this.#cells[hole] = this.#cells[cell] as number;
        hole = cell;
      }
    }
    this.#cells[hole] = 0;
    this.#count--;
  }

  #cellOf(name: string): number {
    const mask = this.#cells.length - 1;
    let cell = hashName(name, this.#salt) & mask;
    for (;;) {
      const entry = this.#cells[cell] as number;
      if (entry === 0 || this.#records[entry - 1]?.name === name) return cell;
      cell = (cell + 1) & mask;
    }
  }

  #place(slot: number): void {
    const mask = this.#cells.length - 1;
    let cell = this.#home(slot);
    while (this.#cells[cell] !== 0) cell = (cell + 1) & mask;
    this.#cells[cell] = slot + 1;
  }

  #grow(length: number): void {
    const old = this.#cells;
    this.#cells = new Int32Array(length);
    for (const entry of old) if (entry !== 0) this.#place(entry - 1);
  }

  #home(slot: number): number {
    return hashName(this.#record(slot).name, this.#salt) & (this.#cells.length - 1);
  }

  #record(slot: number): MemberRecord {
    const record = this.#records[slot];
    invariant(record !== undefined, "empty slot in the index");
    return record;
  }
}

/** FNV-1a over the UTF-16 units of a name, started from `seed`, with the high bits folded into the low ones. */
export function hashName(name: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
