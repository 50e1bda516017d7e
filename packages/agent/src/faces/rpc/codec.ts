import { entryCount, listLength, type MsgpackReader, StructFields, structShape } from "@hearsay/core/msgpack";
import type { RpcWriter } from "./rpc-writer.ts";

/** Reads and writes values of one type. After a failed read the reader has a fault, and the value is meaningless. */
export interface Codec<T> {
  /** The value of a field that a message omits. */
  readonly zero: T;
  read(reader: MsgpackReader): T;
  write(writer: RpcWriter, value: T): void;
}

/** A codec of a struct that can also read over an earlier value, which provides the omitted fields. */
export interface StructCodec<T> extends Codec<T> {
  readOver(reader: MsgpackReader, before: T): T;
}

export const text: Codec<string> = {
  zero: "",
  read: (reader) => reader.name(),
  write: (writer, value) => writer.name(value),
};

/**
 * A copy of the bytes; null is nil, which differs from no bytes. As in the reference, a map is read as the list of its
 * numbers.
 */
export const bytes: Codec<Uint8Array | null> = {
  zero: null,
  read(reader) {
    const entries = reader.mapLength();
    if (entries < 0) return reader.blob()?.slice() ?? null;
    const values: number[] = [];
    for (let i = 0; i < 2 * entries && reader.fault === null; i++) values.push(reader.uint(0xff));
    return Uint8Array.from(values);
  },
  write: (writer, value) => writer.blob(value),
};

export const bool: Codec<boolean> = {
  zero: false,
  read: (reader) => reader.bool(),
  write: (writer, value) => writer.bool(value),
};

/** A signed integer of up to 64 bits; beyond 53 it is the nearest number. */
export const int: Codec<number> = {
  zero: 0,
  read: (reader) => reader.int64(),
  write: (writer, value) => writer.int(value),
};

export const float: Codec<number> = {
  zero: 0,
  read: (reader) => reader.float(),
  write: (writer, value) => writer.float(value),
};

/** An unsigned integer up to `max`. */
export function uint(max: number): Codec<number> {
  return { zero: 0, read: (reader) => reader.uint(max), write: (writer, value) => writer.uint(value) };
}

/**
 * Null is nil, which means none. As in the reference, a map is read as its keys and values alternately: some client
 * libraries send one.
 */
export function list<T>(element: Codec<T>): Codec<readonly T[] | null> {
  return {
    zero: null,
    read(reader) {
      if (reader.isNil()) return null;
      const values: T[] = [];
      const entries = reader.mapLength();
      const length = entries < 0 ? listLength(reader) : 2 * entries;
      for (let i = 0; i < length && reader.fault === null; i++) values.push(element.read(reader));
      return values;
    },
    write(writer, values) {
      if (values === null) return writer.blob(null);
      writer.arrayHead(values.length);
      for (const value of values) element.write(writer, value);
    },
  };
}

/** A map with text keys, in its own order, which is random in the reference; null is nil. */
export function map<T>(element: Codec<T>): Codec<ReadonlyMap<string, T> | null> {
  return {
    zero: null,
    read(reader) {
      if (reader.isNil()) return null;
      const values = new Map<string, T>();
      const count = entryCount(reader);
      for (let i = 0; i < count && reader.fault === null; i++) values.set(reader.name(), element.read(reader));
      return values;
    },
    write(writer, values) {
      if (values === null) return writer.blob(null);
      writer.mapHead(values.size);
      for (const [key, value] of values) {
        writer.name(key);
        element.write(writer, value);
      }
    },
  };
}

/** A struct of these fields. The order of declaration is the order of the fields in structs that come as arrays. */
export function struct<T extends object>(fields: { readonly [Key in keyof T]: Codec<T[Key]> }): StructCodec<T> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  const shape = structShape(...keys);
  const zero = Object.freeze(Object.fromEntries(keys.map((key) => [key, fields[key].zero]))) as T;
  const readOver = (reader: MsgpackReader, before: T): T => {
    // Nil is the struct of zero values, not one that omits its fields.
    if (reader.isNil()) return zero;
    const value = { ...before };
    const found = new StructFields(reader, shape);
    for (let key = found.next(); key !== null; key = found.next()) value[key] = fields[key].read(reader);
    return value;
  };
  return {
    zero,
    readOver,
    read: (reader) => readOver(reader, zero),
    write(writer, value) {
      writer.mapHead(shape.sorted.length);
      for (const key of shape.sorted) {
        writer.name(key);
        fields[key].write(writer, value[key]);
      }
    },
  };
}
