import { invariant } from "../base/invariant.ts";
import { below, type Random } from "../base/random.ts";
import type { MemberRecord } from "./member-record.ts";
import { SlotIndex } from "./slot-index.ts";
import { ALIVE_STATUS, DEAD_STATUS, LEFT_STATUS, type Status } from "./status.ts";

/** A member's row in the columns. It stays the same for as long as the member is known and may be reused afterwards. */
export type Slot = number;

const GROUPS = 4;

/**
 * One node's view in columns. The columns take 25 bytes a member; the record is shared between views.
 *
 * `#placeOf` and `#sorted` keep all slots sorted by status, alive first, so that choosing among the members of some
 * statuses is a draw from a range, for any size of the table. `#order` is the list that probing walks through.
 */
export class MemberTable {
  readonly #random: Random;
  readonly #records: (MemberRecord | undefined)[] = [];
  readonly #index: SlotIndex;
  #status: Uint8Array = new Uint8Array(16);
  #incarnation: Uint32Array = new Uint32Array(16);
  #since: Float64Array = new Float64Array(16);
  /** Slots sorted by status. */
  #sorted: Int32Array = new Int32Array(16);
  /** Each slot's index in `#sorted`. */
  #placeOf: Int32Array = new Int32Array(16);
  /** Where the group of each status ends in `#sorted`. */
  readonly #ends: Int32Array = new Int32Array(GROUPS);
  #order: Int32Array = new Int32Array(16);
  readonly #free: number[] = [];
  #capable = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#index = new SlotIndex(this.#records, random.nextU32());
  }

  /** All members, including failed and left ones until they are reaped: the n of every formula. */
  get size(): number {
    return this.#ends[GROUPS - 1] as number;
  }

  /** How many of all members understand Hearsay's extensions. */
  get capable(): number {
    return this.#capable;
  }

  /** How many members have this status. */
  count(status: Status): number {
    return (this.#ends[status] as number) - this.#groupStart(status);
  }

  /** The slot of a name, or -1. */
  find(name: string): Slot {
    return this.#index.find(name);
  }

  /** Slots are below this number; some of them may be free. */
  get slotsEnd(): number {
    return this.#records.length;
  }

  isFree(slot: Slot): boolean {
    return this.#records[slot] === undefined;
  }

  record(slot: Slot): MemberRecord {
    const record = this.#records[slot];
    invariant(record !== undefined, "no member in this slot");
    return record;
  }

  status(slot: Slot): Status {
    return this.#status[slot] as Status;
  }

  incarnation(slot: Slot): number {
    return this.#incarnation[slot] as number;
  }

  /** When the status last changed. */
  since(slot: Slot): number {
    return this.#since[slot] as number;
  }

  setIncarnation(slot: Slot, incarnation: number): void {
    this.#incarnation[slot] = incarnation;
  }

  setRecord(slot: Slot, record: MemberRecord): void {
    const old = this.record(slot);
    invariant(old.name === record.name, "a slot keeps its name");
    this.#capable += Number(record.isCapable) - Number(old.isCapable);
    this.#records[slot] = record;
  }

  setStatus(slot: Slot, status: Status, now: number): void {
    this.#since[slot] = now;
    this.#moveTo(slot, status);
  }

  /** Makes room for `count` members, so that a large table doesn't grow step by step. */
  reserve(count: number): void {
    this.#index.reserve(count);
    while (this.#status.length < count) this.#grow();
  }

  /** Adds an unknown member. It enters the probe order at a random position, to be probed soon (section 12.1). */
  add(record: MemberRecord, status: Status, incarnation: number, now: number): Slot {
    const size = this.size;
    const slot = this.#free.pop() ?? size;
    if (slot >= this.#status.length || size >= this.#status.length) this.#grow();
    this.#records[slot] = record;
    this.#capable += Number(record.isCapable);
    this.#index.add(slot);
    this.#incarnation[slot] = incarnation;
    this.#since[slot] = now;
    this.#status[slot] = LEFT_STATUS;
    this.#sorted[size] = slot;
    this.#placeOf[slot] = size;
    this.#ends[LEFT_STATUS] = size + 1;
    this.#moveTo(slot, status);
    const place = below(this.#random, size + 1);
    this.#order[size] = this.#order[place] as number;
    this.#order[place] = slot;
    return slot;
  }

  /** The member at a position of the probe order, from 0 to `size` - 1. */
  probeAt(position: number): Slot {
    return this.#order[position] as number;
  }

  /** The member at a position of the list sorted by status. `groupEnd` bounds the range to draw from. */
  at(position: number): Slot {
    return this.#sorted[position] as number;
  }

  /** Positions below this have all members whose status is `status` or a better one. */
  groupEnd(status: Status): number {
    return this.#ends[status] as number;
  }

  /** Forgets failed and left members, except `keep`, whose status is older than `before`; shuffles the order (12.8). */
  reap(before: number, keep: Slot, forgotten: (slot: Slot, status: Status) => void): void {
    for (let place = this.size - 1; place >= this.#groupStart(DEAD_STATUS); place--) {
      const slot = this.#sorted[place] as number;
      if (slot === keep || (this.#since[slot] as number) >= before) continue;
      forgotten(slot, this.status(slot));
      this.#remove(slot);
    }
    this.#order.set(this.#sorted.subarray(0, this.size));
    this.#shuffleOrder();
  }

  #remove(slot: Slot): void {
    this.#moveTo(slot, LEFT_STATUS);
    const last = this.size - 1;
    this.#swap(this.#placeOf[slot] as number, last);
    this.#ends[LEFT_STATUS] = last;
    this.#index.remove(slot);
    this.#capable -= Number(this.record(slot).isCapable);
    this.#records[slot] = undefined;
    this.#free.push(slot);
  }

  #shuffleOrder(): void {
    for (let i = this.size - 1; i > 0; i--) {
      const j = below(this.#random, i + 1);
      const slot = this.#order[i] as number;
      this.#order[i] = this.#order[j] as number;
      this.#order[j] = slot;
    }
  }

  /** Moves a slot to another group, across each border between them, with one swap for each border. */
  #moveTo(slot: Slot, to: Status): void {
    let group = this.#status[slot] as number;
    while (group > to) {
      const border = this.#ends[group - 1] as number;
      this.#swap(this.#placeOf[slot] as number, border);
      this.#ends[group - 1] = border + 1;
      group--;
    }
    while (group < to) {
      const border = (this.#ends[group] as number) - 1;
      this.#swap(this.#placeOf[slot] as number, border);
      this.#ends[group] = border;
      group++;
    }
    this.#status[slot] = to;
  }

  #swap(a: number, b: number): void {
    const slotA = this.#sorted[a] as number;
    const slotB = this.#sorted[b] as number;
    this.#sorted[a] = slotB;
    this.#sorted[b] = slotA;
    this.#placeOf[slotB] = a;
    this.#placeOf[slotA] = b;
  }

  #groupStart(status: Status): number {
    return status === ALIVE_STATUS ? 0 : (this.#ends[status - 1] as number);
  }

  #grow(): void {
    const length = this.#status.length * 2;
    this.#status = grown(this.#status, new Uint8Array(length));
    this.#incarnation = grown(this.#incarnation, new Uint32Array(length));
    this.#since = grown(this.#since, new Float64Array(length));
    this.#sorted = grown(this.#sorted, new Int32Array(length));
    this.#placeOf = grown(this.#placeOf, new Int32Array(length));
    this.#order = grown(this.#order, new Int32Array(length));
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
