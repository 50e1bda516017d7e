/** Wire format of queries (docs/protocol/serf.md, section 2). */
import { EMPTY } from "../../../base/bytes.ts";
import { invariant } from "../../../base/invariant.ts";
import { FAULTS, type WireFault } from "../../../wire/faults.ts";
import { head, key } from "../../../wire/keys.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { listLength, StructFields, structShape } from "../../../wire/struct-fields.ts";
import type { Writer } from "../../../wire/writer.ts";
import { isKeyQuery } from "./internal-queries.ts";
import { readLTime } from "./ltime.ts";
import { QUERY, type Query } from "./messages.ts";

const SHAPE = structShape(
  "LTime",
  "ID",
  "Addr",
  "Port",
  "SourceNode",
  "Filters",
  "Flags",
  "RelayFactor",
  "Timeout",
  "Name",
  "Payload",
);
const HEAD = head(QUERY, 11, "Addr");
const FILTERS_KEY = key("Filters");
const FLAGS_KEY = key("Flags");
const ID_KEY = key("ID");
const LTIME_KEY = key("LTime");
const NAME_KEY = key("Name");
const PAYLOAD_KEY = key("Payload");
const PORT_KEY = key("Port");
const RELAY_FACTOR_KEY = key("RelayFactor");
const SOURCE_NODE_KEY = key("SourceNode");
const TIMEOUT_KEY = key("Timeout");

/** The query being read; fields have their zero values until they are read. */
type Draft = { -readonly [Field in keyof Query]: Query[Field] };

export function readQuery(reader: MsgpackReader): Query | WireFault {
  const query: Draft = {
    type: QUERY,
    lTime: 0,
    id: 0,
    addr: EMPTY,
    port: 0,
    sourceNode: "",
    filters: null,
    flags: 0,
    relayFactor: 0,
    timeoutNs: 0,
    name: "",
    payload: null,
  };
  const fields = new StructFields(reader, SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) readField(reader, field, query);
  // The reference reads their first byte without checking the length (sections 12 and 24).
  const hasEmptyFilter = query.filters?.some((filter) => filter.length === 0) ?? false;
  if (hasEmptyFilter || lacksKeyRequest(query)) return FAULTS.harmful;
  return query;
}

function readField(reader: MsgpackReader, field: (typeof SHAPE.declared)[number], query: Draft): void {
  switch (field) {
    case "LTime":
      query.lTime = readLTime(reader);
      return;
    case "ID":
      query.id = reader.uint(0xffff_ffff);
      return;
    case "Addr":
      query.addr = reader.blob() ?? EMPTY;
      return;
    case "Port":
      query.port = reader.uint(0xffff);
      return;
    case "SourceNode":
      query.sourceNode = reader.name();
      return;
    case "Filters":
      query.filters = readFilters(reader);
      return;
    case "Flags":
      query.flags = reader.uint(0xffff_ffff);
      return;
    case "RelayFactor":
      query.relayFactor = reader.uint(0xff);
      return;
    case "Timeout":
      query.timeoutNs = reader.int64();
      return;
    case "Name":
      query.name = reader.name();
      return;
    case "Payload":
      query.payload = reader.blob();
      return;
  }
}

function readFilters(reader: MsgpackReader): Uint8Array[] | null {
  if (reader.isNil()) return null;
  const filters: Uint8Array[] = [];
  const length = listLength(reader);
  for (let i = 0; i < length && reader.fault === null; i++) filters.push(reader.blob() ?? EMPTY);
  return filters;
}

/** Encodes a query. A query that would crash its receivers is the caller's bug. */
export function writeQuery(writer: Writer, query: Query): void {
  invariant(!lacksKeyRequest(query), "a key query has a payload");
  writer.literal(HEAD);
  writer.blobOrNil(query.addr);
  writer.literal(FILTERS_KEY);
  writeFilters(writer, query.filters);
  writer.literal(FLAGS_KEY);
  writer.uint(query.flags);
  writer.literal(ID_KEY);
  writer.uint(query.id);
  writer.literal(LTIME_KEY);
  writer.uint(query.lTime);
  writer.literal(NAME_KEY);
  writer.name(query.name);
  writer.literal(PAYLOAD_KEY);
  writer.blob(query.payload);
  writer.literal(PORT_KEY);
  writer.uint(query.port);
  writer.literal(RELAY_FACTOR_KEY);
  writer.uint(query.relayFactor);
  writer.literal(SOURCE_NODE_KEY);
  writer.name(query.sourceNode);
  writer.literal(TIMEOUT_KEY);
  writer.int(query.timeoutNs);
}

function writeFilters(writer: Writer, filters: readonly Uint8Array[] | null): void {
  if (filters === null) {
    writer.blob(null);
    return;
  }
  writer.arrayHead(filters.length);
  for (const filter of filters) {
    invariant(filter.length > 0, "a filter has a type at least");
    writer.blob(filter);
  }
}

function lacksKeyRequest(query: Query): boolean {
  return isKeyQuery(query.name) && (query.payload === null || query.payload.length === 0);
}
