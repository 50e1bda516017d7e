/** A member's tags, which are its metadata (docs/protocol/serf.md, section 4). */
import { FAULTS, type WireFault } from "../../../wire/faults.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { decodeName, encodeName } from "../../../wire/names.ts";
import { entryCount } from "../../../wire/struct-fields.ts";
import { Writer } from "../../../wire/writer.ts";
import { TAGS_BYTES_MAX } from "./limits.ts";

/** Pairs of key and value; the order is kept but has no meaning. */
export type Tags = ReadonlyMap<string, string>;

/** First byte of metadata that holds a map of tags. */
const TAGS_MAGIC = 0xff;

/** The first version of Serf's protocol with tags; earlier ones have only a role. */
const TAGS_PROTOCOL = 3;

/**
 * Encodes tags as metadata, in memory of its own; "too-large" if they need more than `TAGS_BYTES_MAX` bytes. For
 * versions of Serf's protocol before 3, it is the bare value of the tag `role`.
 */
export function encodeTags(tags: Tags, protocol: number = TAGS_PROTOCOL): Uint8Array | WireFault {
  const meta = protocol < TAGS_PROTOCOL ? encodeName(tags.get("role") ?? "") : encodeTagMap(tags);
  return meta.length > TAGS_BYTES_MAX ? FAULTS.tooLarge : meta;
}

/** Decodes the tags in `meta`; the reader is positioned after its first byte. */
export function readTags(reader: MsgpackReader, meta: Uint8Array): Tags {
  if (meta[0] !== TAGS_MAGIC) return new Map([["role", decodeName(meta, 0, meta.length)]]);
  return readTagMap(reader);
}

/** Reads the next map of tags. If a key occurs twice, the last value counts. */
export function readTagMap(reader: MsgpackReader): Map<string, string> {
  const tags = new Map<string, string>();
  const entries = entryCount(reader);
  for (let i = 0; i < entries && reader.fault === null; i++) {
    const name = reader.name();
    tags.set(name, reader.name());
  }
  return tags;
}

export function writeTagMap(writer: Writer, tags: Tags): void {
  writer.mapHead(tags.size);
  for (const [name, value] of tags) {
    writer.name(name);
    writer.name(value);
  }
}

function encodeTagMap(tags: Tags): Uint8Array {
  const writer = new Writer("v2", 128);
  writer.byte(TAGS_MAGIC);
  writeTagMap(writer, tags);
  return writer.copy();
}
