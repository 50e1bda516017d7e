/** Wire format of key requests and their responses (docs/protocol/serf.md, sections 2 and 12.2). */
import { EMPTY } from "../../../base/bytes.ts";
import { head, key } from "../../../wire/keys.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { readNames, StructFields, structShape } from "../../../wire/struct-fields.ts";
import type { Writer } from "../../../wire/writer.ts";
import { KEY_REQUEST, KEY_RESPONSE, type KeyRequest, type KeyResponse } from "./messages.ts";

const REQUEST_SHAPE = structShape("Key");
const RESPONSE_SHAPE = structShape("Result", "Message", "Keys", "PrimaryKey");
const REQUEST_HEAD = head(KEY_REQUEST, 1, "Key");
const RESPONSE_HEAD = head(KEY_RESPONSE, 4, "Keys");
const MESSAGE_KEY = key("Message");
const PRIMARY_KEY_KEY = key("PrimaryKey");
const RESULT_KEY = key("Result");

export function readKeyRequest(reader: MsgpackReader): KeyRequest {
  let requested: Uint8Array = EMPTY;
  const fields = new StructFields(reader, REQUEST_SHAPE);
  while (fields.next() !== null) requested = reader.blob() ?? EMPTY;
  return { type: KEY_REQUEST, key: requested };
}

export function readKeyResponse(reader: MsgpackReader): KeyResponse {
  let result = false;
  let message = "";
  let keys: readonly string[] | null = null;
  let primaryKey = "";
  const fields = new StructFields(reader, RESPONSE_SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) {
    if (field === "Result") result = reader.bool();
    else if (field === "Message") message = reader.name();
    else if (field === "Keys") keys = reader.isNil() ? null : readNames(reader);
    else primaryKey = reader.name();
  }
  return { type: KEY_RESPONSE, result, message, keys, primaryKey };
}

export function writeKeyRequest(writer: Writer, request: KeyRequest): void {
  writer.literal(REQUEST_HEAD);
  writer.blob(request.key);
}

export function writeKeyResponse(writer: Writer, response: KeyResponse): void {
  writer.literal(RESPONSE_HEAD);
  if (response.keys === null) {
    writer.blob(null);
  } else {
    writer.arrayHead(response.keys.length);
    for (const known of response.keys) writer.name(known);
  }
  writer.literal(MESSAGE_KEY);
  writer.name(response.message);
  writer.literal(PRIMARY_KEY_KEY);
  writer.name(response.primaryKey);
  writer.literal(RESULT_KEY);
  writer.bool(response.result);
}
