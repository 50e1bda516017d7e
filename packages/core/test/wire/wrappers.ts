import { COMPOUND, LzwEncoder } from "@hearsay/core/wire";
import { fromHex, joined } from "./bytes.ts";

/** A compress message around any bytes, also around what no encoder would compress. */
export function compress(inner: Uint8Array): Uint8Array {
  const lzw = new LzwEncoder();
  lzw.begin(inner);
  lzw.step(Number.POSITIVE_INFINITY);
  const buf = lzw.result();
  return joined(fromHex("0982a4416c676f00a3427566da"), Uint8Array.of(buf.length >> 8, buf.length), buf);
}

/** A compound message of any parts, whether or not they are messages. */
export function compound(...parts: readonly Uint8Array[]): Uint8Array {
  const lengths = parts.flatMap((part) => [part.length >> 8, part.length & 0xff]);
  return joined(Uint8Array.of(COMPOUND, parts.length, ...lengths), ...parts);
}
