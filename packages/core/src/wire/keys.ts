import { invariant } from "../base/invariant.ts";

/** A map key with its msgpack head. Keys are short ASCII. */
export function key(text: string): Uint8Array {
  invariant(text.length < 32, "map key longer than its short form");
  return Uint8Array.from([0xa0 | text.length, ...Array.from(text, (character) => character.charCodeAt(0))]);
}

/** A type byte, the head of a map with `entries` entries, and its first key. */
export function head(type: number, entries: number, firstKey: string): Uint8Array {
  return Uint8Array.from([type, 0x80 | entries, ...key(firstKey)]);
}
