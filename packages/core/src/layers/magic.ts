/** `C1 48 53`: how all begins that Hearsay adds to the wire. `C1` begins no msgpack value and stands in no UTF-8 text. */
export const MAGIC: Uint8Array = Uint8Array.of(0xc1, 0x48, 0x53);

/** Whether bytes have these ones at an offset. */
export function hasAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  if (bytes.length - at < wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
