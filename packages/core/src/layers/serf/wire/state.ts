/** Wire format of a node's part of a push/pull (docs/protocol/serf.md, sections 2 and 13). */
import { head, key } from "../../../wire/keys.ts";
import type { MsgpackReader } from "../../../wire/msgpack-reader.ts";
import { entryCount, listLength, readNames, StructFields, structShape } from "../../../wire/struct-fields.ts";
import type { Writer } from "../../../wire/writer.ts";
import { STATE_EVENTS_MAX, STATE_MEMBERS_MAX, STATE_SLOTS_MAX } from "./limits.ts";
import { type LTime, readLTime } from "./ltime.ts";
import { type EventSlot, type SerfState, STATE, type StoredEvent } from "./messages.ts";

const SHAPE = structShape("LTime", "StatusLTimes", "LeftMembers", "EventLTime", "Events", "QueryLTime");
const SLOT_SHAPE = structShape("LTime", "Events");
const EVENT_SHAPE = structShape("Name", "Payload");
const HEAD = head(STATE, 6, "EventLTime");
const EVENTS_KEY = key("Events");
const LTIME_KEY = key("LTime");
const LEFT_MEMBERS_KEY = key("LeftMembers");
const QUERY_LTIME_KEY = key("QueryLTime");
const STATUS_LTIMES_KEY = key("StatusLTimes");
/** The head of a slot's map and its first key. */
const SLOT_HEAD = Uint8Array.from([0x82, ...EVENTS_KEY]);
/** The head of an event's map and its first key. */
const EVENT_HEAD = Uint8Array.from([0x82, ...key("Name")]);
const PAYLOAD_KEY = key("Payload");

type Draft = { -readonly [Field in keyof SerfState]: SerfState[Field] };

export function readState(reader: MsgpackReader): SerfState {
  const state: Draft = {
    type: STATE,
    lTime: 0,
    eventLTime: 0,
    queryLTime: 0,
    statusLTimes: new Map<string, LTime>(),
    leftMembers: [],
    events: [],
  };
  const fields = new StructFields(reader, SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) {
    if (field === "LTime") state.lTime = readLTime(reader);
    else if (field === "StatusLTimes") state.statusLTimes = readStatusLTimes(reader);
    else if (field === "LeftMembers") state.leftMembers = readNames(reader, STATE_MEMBERS_MAX);
    else if (field === "EventLTime") state.eventLTime = readLTime(reader);
    else if (field === "Events") state.events = readRing(reader);
    else state.queryLTime = readLTime(reader);
  }
  return state;
}

function readStatusLTimes(reader: MsgpackReader): Map<string, LTime> {
  const times = new Map<string, LTime>();
  const entries = entryCount(reader, STATE_MEMBERS_MAX);
  for (let i = 0; i < entries && reader.fault === null; i++) {
    const name = reader.name();
    times.set(name, readLTime(reader));
  }
  return times;
}

function readRing(reader: MsgpackReader): (EventSlot | null)[] {
  const ring: (EventSlot | null)[] = [];
  const slots = listLength(reader, STATE_SLOTS_MAX);
  let eventsLeft = STATE_EVENTS_MAX;
  for (let i = 0; i < slots && reader.fault === null; i++) {
    const slot = reader.isNil() ? null : readSlot(reader, eventsLeft);
    eventsLeft -= slot?.events.length ?? 0;
    ring.push(slot);
  }
  return ring;
}

function readSlot(reader: MsgpackReader, eventsMax: number): EventSlot {
  let lTime = 0;
  let events: readonly StoredEvent[] = [];
  const fields = new StructFields(reader, SLOT_SHAPE);
  for (let field = fields.next(); field !== null; field = fields.next()) {
    if (field === "LTime") lTime = readLTime(reader);
    else events = readEvents(reader, eventsMax);
  }
  return { lTime, events };
}

function readEvents(reader: MsgpackReader, eventsMax: number): StoredEvent[] {
  const events: StoredEvent[] = [];
  const length = listLength(reader, eventsMax);
  for (let i = 0; i < length && reader.fault === null; i++) {
    let name = "";
    let payload: Uint8Array | null = null;
    const fields = new StructFields(reader, EVENT_SHAPE);
    for (let field = fields.next(); field !== null; field = fields.next()) {
      if (field === "Name") name = reader.name();
      else payload = reader.blob();
    }
    events.push({ name, payload });
  }
  return events;
}

export function writeState(writer: Writer, state: SerfState): void {
  writer.literal(HEAD);
  writer.uint(state.eventLTime);
  writer.literal(EVENTS_KEY);
  writer.arrayHead(state.events.length);
  for (const slot of state.events) writeSlot(writer, slot);
  writer.literal(LTIME_KEY);
  writer.uint(state.lTime);
  writer.literal(LEFT_MEMBERS_KEY);
  writer.arrayHead(state.leftMembers.length);
  for (const name of state.leftMembers) writer.name(name);
  writer.literal(QUERY_LTIME_KEY);
  writer.uint(state.queryLTime);
  writer.literal(STATUS_LTIMES_KEY);
  writer.mapHead(state.statusLTimes.size);
  for (const [name, lTime] of state.statusLTimes) {
    writer.name(name);
    writer.uint(lTime);
  }
}

function writeSlot(writer: Writer, slot: EventSlot | null): void {
  if (slot === null) {
    writer.blob(null);
    return;
  }
  writer.literal(SLOT_HEAD);
  writer.arrayHead(slot.events.length);
  for (const event of slot.events) {
    writer.literal(EVENT_HEAD);
    writer.name(event.name);
    writer.literal(PAYLOAD_KEY);
    writer.blob(event.payload);
  }
  writer.literal(LTIME_KEY);
  writer.uint(slot.lTime);
}
