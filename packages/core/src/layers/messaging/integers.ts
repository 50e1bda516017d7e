/** Big endian integers of the envelope and its bodies. */

/** Reads 4 bytes; the caller has checked that they are there. */
export function readU32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const low = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return high * 0x1_0000 + low;
}

/** Reads 8 bytes; -1 for values beyond 2^53 - 1. */
export function readU53(bytes: Uint8Array, at: number): number {
  const high = readU32(bytes, at);
  return high > 0x1f_ffff ? -1 : high * 0x1_0000_0000 + readU32(bytes, at + 4);
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes 8 bytes. `value` is an integer, 0 to 2^53 - 1. */
export function writeU53(bytes: Uint8Array, at: number, value: number): void {
  writeU32(bytes, at, Math.floor(value / 0x1_0000_0000));
  writeU32(bytes, at + 4, value % 0x1_0000_0000);
}
