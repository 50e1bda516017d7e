/** Wire format of leave and join intents (docs/protocol/serf.md, section 2). */
import { head, key } from "../../../wire/keys.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { StructFields, structShape } from "../../../wire/struct-fields.ts";
import type { Writer } from "../../../wire/writer.ts";
import { readLTime } from "./ltime.ts";
import { JOIN, type JoinIntent, LEAVE, type LeaveIntent } from "./messages.ts";

const LEAVE_SHAPE = structShape("LTime", "Node", "Prune");
const JOIN_SHAPE = structShape("LTime", "Node");
const LEAVE_HEAD = head(LEAVE, 3, "LTime");
const JOIN_HEAD = head(JOIN, 2, "LTime");
const NODE_KEY = key("Node");
const PRUNE_KEY = key("Prune");

export function readLeave(reader: MsgpackReader): LeaveIntent {
  let lTime = 0;
  let node = "";
  let prune = false;
  const fields = new StructFields(reader, LEAVE_SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) {
    if (field === "LTime") lTime = readLTime(reader);
    else if (field === "Node") node = reader.name();
    else prune = reader.bool();
  }
  return { type: LEAVE, lTime, node, prune };
}

export function readJoin(reader: MsgpackReader): JoinIntent {
  let lTime = 0;
  let node = "";
  const fields = new StructFields(reader, JOIN_SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) {
    if (field === "LTime") lTime = readLTime(reader);
    else node = reader.name();
  }
  return { type: JOIN, lTime, node };
}

export function writeLeave(writer: Writer, leave: LeaveIntent): void {
  writer.literal(LEAVE_HEAD);
  writer.uint(leave.lTime);
  writer.literal(NODE_KEY);
  writer.name(leave.node);
  writer.literal(PRUNE_KEY);
  writer.bool(leave.prune);
}

export function writeJoin(writer: Writer, join: JoinIntent): void {
  writer.literal(JOIN_HEAD);
  writer.uint(join.lTime);
  writer.literal(NODE_KEY);
  writer.name(join.node);
}
