/** Wire format of relays (docs/protocol/serf.md, sections 2 and 11.5). */
import { EMPTY } from "../../../base/bytes.ts";
import { head, key } from "../../../wire/keys.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { StructFields, structShape } from "../../../wire/struct-fields.ts";
import type { Writer } from "../../../wire/writer.ts";
import { RELAY, type Relay } from "./messages.ts";

const SHAPE = structShape("DestAddr", "DestName");
const ADDR_SHAPE = structShape("IP", "Port", "Zone");
const HEAD = head(RELAY, 2, "DestAddr");
/** The head of the inner map and its first key. */
const IP_HEAD = Uint8Array.from([0x83, ...key("IP")]);
const PORT_KEY = key("Port");
const ZONE_KEY = key("Zone");
const DEST_NAME_KEY = key("DestName");

/** Decodes a relay from `bytes`, in which the reader is open; the inner message reaches to `end`. */
export function readRelay(reader: MsgpackReader, bytes: Uint8Array, end: number): Relay {
  let destIp: Uint8Array = EMPTY;
  let destPort = 0;
  let destZone = "";
  let destName = "";
  const fields = new StructFields(reader, SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) {
    if (field === "DestName") {
      destName = reader.name();
      continue;
    }
    const address = new StructFields(reader, ADDR_SHAPE);
    for (let part = address.next(); part !== null; part = address.next()) {
      if (part === "IP") destIp = reader.blob() ?? EMPTY;
      // The wire allows any signed integer, but nothing can be sent to a port outside this range.
      else if (part === "Port") destPort = reader.uint(0xffff);
      else destZone = reader.name();
    }
  }
  return { type: RELAY, destIp, destPort, destZone, destName, message: bytes.subarray(reader.at, end) };
}

export function writeRelay(writer: Writer, relay: Relay): void {
  writer.literal(HEAD);
  writer.literal(IP_HEAD);
  writer.blobOrNil(relay.destIp);
  writer.literal(PORT_KEY);
  writer.int(relay.destPort);
  writer.literal(ZONE_KEY);
  writer.name(relay.destZone);
  writer.literal(DEST_NAME_KEY);
  writer.name(relay.destName);
  writer.raw(relay.message);
}
