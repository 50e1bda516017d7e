/**
 * `C1 48 53`: the prefix of all that Hearsay adds to the wire. No msgpack value begins with `C1`, and UTF-8 never
 * contains it.
 */
export const MAGIC: Uint8Array = Uint8Array.of(0xc1, 0x48, 0x53);

/** Whether `bytes` contain `wanted` at an offset. */
export function hasAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  if (bytes.length - at < wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
