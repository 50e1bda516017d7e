/** Wire format of query responses (docs/protocol/serf.md, section 2). */
import { head, key } from "../../../wire/keys.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { StructFields, structShape } from "../../../wire/struct-fields.ts";
import type { Writer } from "../../../wire/writer.ts";
import { readLTime } from "./ltime.ts";
import { QUERY_RESPONSE, type QueryResponse } from "./messages.ts";

const SHAPE = structShape("LTime", "ID", "From", "Flags", "Payload");
const HEAD = head(QUERY_RESPONSE, 5, "Flags");
const FROM_KEY = key("From");
const ID_KEY = key("ID");
const LTIME_KEY = key("LTime");
const PAYLOAD_KEY = key("Payload");

export function readQueryResponse(reader: MsgpackReader): QueryResponse {
  let lTime = 0;
  let id = 0;
  let from = "";
  let flags = 0;
  let payload: Uint8Array | null = null;
  const fields = new StructFields(reader, SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) {
    if (field === "LTime") lTime = readLTime(reader);
    else if (field === "ID") id = reader.uint(0xffff_ffff);
    else if (field === "From") from = reader.name();
    else if (field === "Flags") flags = reader.uint(0xffff_ffff);
    else payload = reader.blob();
  }
  return { type: QUERY_RESPONSE, lTime, id, from, flags, payload };
}

export function writeQueryResponse(writer: Writer, response: QueryResponse): void {
  writer.literal(HEAD);
  writer.uint(response.flags);
  writer.literal(FROM_KEY);
  writer.name(response.from);
  writer.literal(ID_KEY);
  writer.uint(response.id);
  writer.literal(LTIME_KEY);
  writer.uint(response.lTime);
  writer.literal(PAYLOAD_KEY);
  writer.blob(response.payload);
}
