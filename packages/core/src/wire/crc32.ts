/** A CRC-32 as zlib computes it; the host may provide a faster one. */
export type Crc32 = (bytes: Uint8Array) => number;

/** Eight tables of 256: entry b of table k is the remainder of byte b followed by k zero bytes. */
const TABLES = buildTables();

/** CRC-32 IEEE (docs/protocol/memberlist.md, section 5.3), as an unsigned integer. Eight bytes at a time. */
export function crc32(bytes: Uint8Array): number {
  const length = bytes.length;
  let crc = -1;
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (TABLES[1792 + (crc & 0xff)] as number) ^
      (TABLES[1536 + ((crc >>> 8) & 0xff)] as number) ^
      (TABLES[1280 + ((crc >>> 16) & 0xff)] as number) ^
      (TABLES[1024 + (crc >>> 24)] as number) ^
      (TABLES[768 + (bytes[at + 4] as number)] as number) ^
      (TABLES[512 + (bytes[at + 5] as number)] as number) ^
      (TABLES[256 + (bytes[at + 6] as number)] as number) ^
      (TABLES[bytes[at + 7] as number] as number);
  }
  for (; at < length; at++) crc = (TABLES[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb8_8320;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256] as number;
    tables[i] = (tables[before & 0xff] as number) ^ (before >>> 8);
  }
  return tables;
}
