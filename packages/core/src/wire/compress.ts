import { EMPTY } from "../base/bytes.ts";
import { FAULTS, type WireFault } from "./faults.ts";
import { head, key } from "./keys.ts";
import { COMPRESS } from "./messages.ts";
import { COMPRESS_SCHEMA, type StructReader } from "./struct-reader.ts";
import type { Writer } from "./writer.ts";

const ALGO_LZW = 0;
const ALGO_HEAD = head(COMPRESS, 2, "Algo");
const BUF_KEY = key("Buf");

/** Writes a compress message up to its LZW stream of `lzwBytes` bytes (section 5.2). */
export function writeCompressHead(writer: Writer, lzwBytes: number): void {
  writer.literal(ALGO_HEAD);
  writer.uint(ALGO_LZW);
  writer.literal(BUF_KEY);
  writer.rawHead(lzwBytes);
}

/** The LZW stream, as a view, of the compress message whose type byte is at `start`. */
export function readCompress(
  structs: StructReader,
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | WireFault {
  const fault = structs.read(COMPRESS_SCHEMA, bytes, start + 1, end);
  if (fault !== null) return fault;
  return structs.algo === ALGO_LZW ? (structs.payload ?? EMPTY) : FAULTS.badCompression;
}
