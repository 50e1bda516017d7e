/** Wire format of user events (docs/protocol/serf.md, section 2). */
import { head, key } from "../../../wire/keys.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { StructFields, structShape } from "../../../wire/struct-fields.ts";
import type { Writer } from "../../../wire/writer.ts";
import { readLTime } from "./ltime.ts";
import { USER_EVENT, type UserEvent } from "./messages.ts";

const SHAPE = structShape("LTime", "Name", "Payload", "CC");
const HEAD = head(USER_EVENT, 4, "CC");
const LTIME_KEY = key("LTime");
const NAME_KEY = key("Name");
const PAYLOAD_KEY = key("Payload");

export function readUserEvent(reader: MsgpackReader): UserEvent {
  let lTime = 0;
  let name = "";
  let payload: Uint8Array | null = null;
  let coalesce = false;
  const fields = new StructFields(reader, SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) {
    if (field === "LTime") lTime = readLTime(reader);
    else if (field === "Name") name = reader.name();
    else if (field === "Payload") payload = reader.blob();
    else coalesce = reader.bool();
  }
  return { type: USER_EVENT, lTime, name, payload, coalesce };
}

export function writeUserEvent(writer: Writer, event: UserEvent): void {
  writer.literal(HEAD);
  writer.bool(event.coalesce);
  writer.literal(LTIME_KEY);
  writer.uint(event.lTime);
  writer.literal(NAME_KEY);
  writer.name(event.name);
  writer.literal(PAYLOAD_KEY);
  writer.blob(event.payload);
}
