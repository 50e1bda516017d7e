import { entryCount, listLength, type MsgpackReader, StructFields, structShape } from "@hearsay/core/msgpack";
import type { RpcWriter } from "./rpc-writer.ts";

/** How values of one type are read and written. After a failed read the reader has a fault, and the value means nothing. */
export interface Codec<T> {
  /** What a field has that a message leaves out. */
  readonly zero: T;
  read(reader: MsgpackReader): T;
  write(writer: RpcWriter, value: T): void;
}

/** A struct, in addition with a way to read one over another that has the values of the fields that are left out. */
export interface StructCodec<T> extends Codec<T> {
  readOver(reader: MsgpackReader, before: T): T;
}

export const text: Codec<string> = {
  zero: "",
  read: (reader) => reader.name(),
  write: (writer, value) => writer.name(value),
};

/** Bytes of their own; null is nil, which is not the same as none. As the reference does, of a map its numbers are read. */
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
 * Null is nil, which reads as none. As the reference does, of a map keys and values are read alternately: some client libraries
 * send one.
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

/** A map from texts, in its own order, which the reference leaves to chance; null is nil. */
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

/** A struct of the fields in the order of their declaration, which counts for those that come as arrays. */
export function struct<T extends object>(fields: { readonly [Key in keyof T]: Codec<T[Key]> }): StructCodec<T> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  const shape = structShape(...keys);
  const zero = Object.freeze(Object.fromEntries(keys.map((key) => [key, fields[key].zero]))) as T;
  const readOver = (reader: MsgpackReader, before: T): T => {
    // Nil stands for a struct without values, not for one that leaves them out.
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
