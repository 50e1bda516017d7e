/** Wire format of answers to conflict queries (docs/protocol/serf.md, section 2). */
import { EMPTY } from "../../../base/bytes.ts";
import { key } from "../../../wire/keys.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { StructFields, structShape } from "../../../wire/struct-fields.ts";
import type { Writer } from "../../../wire/writer.ts";
import { CONFLICT_RESPONSE, type ConflictResponse, type MemberRecord } from "./messages.ts";
import { readTagMap, writeTagMap } from "./tags.ts";

const SHAPE = structShape(
  "Name",
  "Addr",
  "Port",
  "Tags",
  "Status",
  "ProtocolMin",
  "ProtocolMax",
  "ProtocolCur",
  "DelegateMin",
  "DelegateMax",
  "DelegateCur",
);
const ADDR_KEY = key("Addr");
const DELEGATE_CUR_KEY = key("DelegateCur");
const DELEGATE_MAX_KEY = key("DelegateMax");
const DELEGATE_MIN_KEY = key("DelegateMin");
const NAME_KEY = key("Name");
const PORT_KEY = key("Port");
const PROTOCOL_CUR_KEY = key("ProtocolCur");
const PROTOCOL_MAX_KEY = key("ProtocolMax");
const PROTOCOL_MIN_KEY = key("ProtocolMin");
const STATUS_KEY = key("Status");
const TAGS_KEY = key("Tags");

type Draft = { -readonly [Field in keyof MemberRecord]: MemberRecord[Field] };

export function readConflictResponse(reader: MsgpackReader): ConflictResponse {
  if (reader.isNil()) return { type: CONFLICT_RESPONSE, member: null };
  const member: Draft = {
    name: "",
    addr: EMPTY,
    port: 0,
    tags: new Map<string, string>(),
    status: 0,
    protocolMin: 0,
    protocolMax: 0,
    protocolCur: 0,
    delegateMin: 0,
    delegateMax: 0,
    delegateCur: 0,
  };
  const fields = new StructFields(reader, SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) readField(reader, field, member);
  return { type: CONFLICT_RESPONSE, member };
}

function readField(reader: MsgpackReader, field: (typeof SHAPE.declared)[number], member: Draft): void {
  switch (field) {
    case "Name":
      member.name = reader.name();
      return;
    case "Addr":
      member.addr = reader.blob() ?? EMPTY;
      return;
    case "Port":
      member.port = reader.uint(0xffff);
      return;
    case "Tags":
      member.tags = readTagMap(reader);
      return;
    case "Status":
      member.status = reader.int();
      return;
    case "ProtocolMin":
      member.protocolMin = reader.uint(0xff);
      return;
    case "ProtocolMax":
      member.protocolMax = reader.uint(0xff);
      return;
    case "ProtocolCur":
      member.protocolCur = reader.uint(0xff);
      return;
    case "DelegateMin":
      member.delegateMin = reader.uint(0xff);
      return;
    case "DelegateMax":
      member.delegateMax = reader.uint(0xff);
      return;
    case "DelegateCur":
      member.delegateCur = reader.uint(0xff);
      return;
  }
}

export function writeConflictResponse(writer: Writer, { member }: ConflictResponse): void {
  writer.byte(CONFLICT_RESPONSE);
  if (member === null) {
    writer.blob(null);
    return;
  }
  writer.mapHead(SHAPE.keys.length);
  writer.literal(ADDR_KEY);
  writer.blobOrNil(member.addr);
  writer.literal(DELEGATE_CUR_KEY);
  writer.uint(member.delegateCur);
  writer.literal(DELEGATE_MAX_KEY);
  writer.uint(member.delegateMax);
  writer.literal(DELEGATE_MIN_KEY);
  writer.uint(member.delegateMin);
  writer.literal(NAME_KEY);
  writer.name(member.name);
  writer.literal(PORT_KEY);
  writer.uint(member.port);
  writer.literal(PROTOCOL_CUR_KEY);
  writer.uint(member.protocolCur);
  writer.literal(PROTOCOL_MAX_KEY);
  writer.uint(member.protocolMax);
  writer.literal(PROTOCOL_MIN_KEY);
  writer.uint(member.protocolMin);
  writer.literal(STATUS_KEY);
  writer.int(member.status);
  writer.literal(TAGS_KEY);
  writeTagMap(writer, member.tags);
}
