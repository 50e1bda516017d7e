/** Wire format of a query's filters (docs/protocol/serf.md, section 11.3). */
import { FAULTS, type WireFault } from "../../../wire/faults.ts";
import { head, key } from "../../../wire/keys.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { readNames, StructFields, structShape } from "../../../wire/struct-fields.ts";
import { Writer } from "../../../wire/writer.ts";

/** First byte of a filter: its type. */
export const NODE_FILTER = 0;
export const TAG_FILTER = 1;

/** Matches the members with these names. */
export interface NodeFilter {
  readonly type: typeof NODE_FILTER;
  readonly names: readonly string[];
}

/** Matches members by the value of a tag; a missing tag has an empty value. */
export interface TagFilter {
  readonly type: typeof TAG_FILTER;
  readonly tag: string;
  /** A regular expression in RE2's syntax that must match anywhere in the value. */
  readonly expression: string;
}

export type QueryFilter = NodeFilter | TagFilter;

const TAG_SHAPE = structShape("Tag", "Expr");
const TAG_HEAD = head(TAG_FILTER, 2, "Expr");
const TAG_KEY = key("Tag");

/** Encodes a filter for a query, in memory of its own. */
export function encodeFilter(filter: QueryFilter): Uint8Array {
  const writer = new Writer("v2", 64);
  if (filter.type === NODE_FILTER) {
    writer.byte(NODE_FILTER);
    writer.arrayHead(filter.names.length);
    for (const name of filter.names) writer.name(name);
  } else {
    writer.literal(TAG_HEAD);
    writer.name(filter.expression);
    writer.literal(TAG_KEY);
    writer.name(filter.tag);
  }
  return writer.copy();
}

/** Decodes the filter in `bytes`; the reader is positioned after its first byte. */
export function readFilter(reader: MsgpackReader, bytes: Uint8Array): QueryFilter | WireFault {
  switch (bytes[0]) {
    case undefined:
      return FAULTS.harmful;
    case NODE_FILTER:
      return { type: NODE_FILTER, names: readNames(reader) };
    case TAG_FILTER:
      return readTagFilter(reader);
    default:
      return FAULTS.badType;
  }
}

function readTagFilter(reader: MsgpackReader): TagFilter {
  let tag = "";
  let expression = "";
  const fields = new StructFields(reader, TAG_SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) {
    if (field === "Tag") tag = reader.name();
    else expression = reader.name();
  }
  return { type: TAG_FILTER, tag, expression };
}
