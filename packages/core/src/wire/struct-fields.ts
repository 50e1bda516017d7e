import { FAULTS } from "./faults.ts";
import { key } from "./keys.ts";
import type { Keys, MsgpackReader } from "./msgpack-reader.ts";

/** The fields of one kind of struct. */
export interface StructShape<Field extends string> {
  /** Keys with their msgpack heads in wire order, which is ascending. */
  readonly keys: Keys;
  /** Fields in the same order. */
  readonly sorted: readonly Field[];
  /** Fields in the order of declaration, for structs that come as arrays (docs/protocol/serf.md, section 2.1). */
  readonly declared: readonly Field[];
}

/** Makes a shape from the fields in declaration order. */
export function structShape<const Field extends string>(...declared: readonly Field[]): StructShape<Field> {
  const sorted = [...declared].sort();
  return { keys: sorted.map(key), sorted, declared };
}

/**
 * Iterates over the fields of the next struct in a reader, coded as a map or an array, as leniently as the reference
 * (docs/protocol/memberlist.md, section 3.2): unknown keys are skipped, missing ones keep the caller's zero value.
 */
export class StructFields<Field extends string> {
  readonly #reader: MsgpackReader;
  readonly #shape: StructShape<Field>;
  readonly #isMap: boolean;
  /** Entries not yet read. */
  #left: number;
  /** The position in wire order of the key expected next; in an array, the index of the next element. */
  #expected = 0;

  /** Reads the head of the struct. Nil is a struct without fields. */
  constructor(reader: MsgpackReader, shape: StructShape<Field>) {
    this.#reader = reader;
    this.#shape = shape;
    const entries = reader.mapLength();
    this.#isMap = entries >= 0;
    this.#left = this.#isMap ? entries : listLength(reader);
  }

  /** The next field, whose value the caller reads before the next call; null after the last one and after a fault. */
  next(): Field | null {
    const reader = this.#reader;
    while (this.#left > 0 && reader.fault === null) {
      if (!this.#isMap) return this.#nextElement();
      this.#left--;
      const index = reader.key(this.#shape.keys, this.#expected);
      if (reader.fault !== null) return null;
      if (index >= 0) {
        this.#expected = index + 1;
        return this.#shape.sorted[index] ?? null;
      }
      reader.skip(1);
    }
    return null;
  }

  #nextElement(): Field | null {
    const field = this.#shape.declared[this.#expected++];
    if (field === undefined) {
      this.#reader.skip(this.#left);
      this.#left = 0;
      return null;
    }
    this.#left--;
    return field;
  }
}

/** Length of the next array; 0 for nil. Anything else, and more than `max`, is refused. */
export function listLength(reader: MsgpackReader, max: number = Number.POSITIVE_INFINITY): number {
  return bounded(reader, reader.arrayLength(), max);
}

/** Entries of the next map; 0 for nil. Anything else, and more than `max`, is refused. */
export function entryCount(reader: MsgpackReader, max: number = Number.POSITIVE_INFINITY): number {
  return bounded(reader, reader.mapLength(), max);
}

/** The strings of the next array; none for nil. More than `max` are refused before they are read. */
export function readNames(reader: MsgpackReader, max: number = Number.POSITIVE_INFINITY): string[] {
  const names: string[] = [];
  const length = listLength(reader, max);
  for (let i = 0; i < length && reader.fault === null; i++) names.push(reader.name());
  return names;
}

/** `count`, or 0 if it is too large, or if it is negative because the next value has another type. */
function bounded(reader: MsgpackReader, count: number, max: number): number {
  if (count >= 0 && count <= max) return count;
  if (count > max) reader.refuse(FAULTS.tooLarge);
  else if (!reader.isNil()) reader.refuse(reader.isAtEnd ? FAULTS.truncated : FAULTS.badValue);
  return 0;
}
