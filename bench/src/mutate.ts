import { below, type Random } from "@hearsay/core";
import { concatBytes } from "./concat-bytes.ts";

/** Bytes with a meaning in the formats: types, heads of maps and arrays, lengths at their bounds. */
const TELLING = Uint8Array.of(0, 1, 6, 7, 8, 9, 10, 12, 13, 0x7f, 0x80, 0x8f, 0x90, 0xa0, 0xbf, 0xc0, 0xc4, 0xc6, 0xca);
const MORE_TELLING = Uint8Array.of(0xcc, 0xcd, 0xce, 0xcf, 0xd3, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xf4, 0xff);
const VALUES = Uint8Array.of(...TELLING, ...MORE_TELLING);

/** A damaged copy: bytes changed, removed, inserted, repeated or replaced by another packet's, or the end cut off. */
export function mutated(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let changes = 1 + below(random, 4); changes > 0; changes--) result = change(random, result, other);
  return result;
}

function change(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = below(random, bytes.length + 1);
  const length = 1 + below(random, 8);
  switch (below(random, 7)) {
    case 0:
      return concatBytes(bytes.subarray(0, at), bytes.subarray(at + length));
    case 1:
      return concatBytes(bytes.subarray(0, at), randomBytes(random, length), bytes.subarray(at));
    case 2:
      return bytes.slice(0, at);
    case 3:
      return concatBytes(bytes.subarray(0, at), other.subarray(below(random, other.length + 1)));
    case 4:
      return concatBytes(bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 4 * length)));
    case 5:
      return withByte(bytes, at, VALUES[below(random, VALUES.length)] ?? 0);
    default:
      return withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << below(random, 8)));
  }
}

export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => below(random, 256));
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  if (at < bytes.length) bytes[at] = value;
  return bytes;
}
