/** Network coordinates in the payloads of acks (docs/protocol/serf.md, section 14.1). */
import { FAULTS, type WireFault } from "../../../wire/faults.ts";
import { head, key } from "../../../wire/keys.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { listLength, StructFields, structShape } from "../../../wire/struct-fields.ts";
import { Writer } from "../../../wire/writer.ts";
import type { Coordinate } from "../coordinates/coordinate.ts";

/** First byte of the payload: its version. */
const VERSION = 1;

const SHAPE = structShape("Vec", "Error", "Adjustment", "Height");
const HEAD = head(VERSION, 4, "Adjustment");
const ERROR_KEY = key("Error");
const HEIGHT_KEY = key("Height");
const VEC_KEY = key("Vec");
/** Bytes of a coordinate with eight dimensions. */
const PAYLOAD_BYTES_TYPICAL = 130;

/** Encodes a coordinate as the payload of an ack, in memory of its own. */
export function encodeCoordinatePayload(coordinate: Coordinate): Uint8Array {
  const writer = new Writer("v2", PAYLOAD_BYTES_TYPICAL);
  writer.literal(HEAD);
  writer.float(coordinate.adjustment);
  writer.literal(ERROR_KEY);
  writer.float(coordinate.error);
  writer.literal(HEIGHT_KEY);
  writer.float(coordinate.height);
  writer.literal(VEC_KEY);
  writer.arrayHead(coordinate.vec.length);
  for (const component of coordinate.vec) writer.float(component);
  return writer.copy();
}

/**
 * Decodes the coordinate in `payload`; the reader is positioned after its first byte. Returns "bad-version" for another
 * version. Any dimensions and any numbers, even infinite ones, are accepted; the model refuses them (section 14.3).
 */
export function readCoordinatePayload(reader: MsgpackReader, payload: Uint8Array): Coordinate | WireFault {
  if (payload.length === 0) return FAULTS.empty;
  if (payload[0] !== VERSION) return FAULTS.badVersion;
  let vec: readonly number[] = [];
  let error = 0;
  let adjustment = 0;
  let height = 0;
  const fields = new StructFields(reader, SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) {
    if (field === "Vec") vec = readVec(reader);
    else if (field === "Error") error = reader.float();
    else if (field === "Adjustment") adjustment = reader.float();
    else height = reader.float();
  }
  return { vec, error, adjustment, height };
}

function readVec(reader: MsgpackReader): number[] {
  const vec: number[] = [];
  const length = listLength(reader);
  for (let i = 0; i < length && reader.fault === null; i++) vec.push(reader.float());
  return vec;
}
