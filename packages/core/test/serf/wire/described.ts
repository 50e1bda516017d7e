import {
  CONFLICT_RESPONSE,
  type Coordinate,
  JOIN,
  KEY_REQUEST,
  KEY_RESPONSE,
  LEAVE,
  NODE_FILTER,
  QUERY,
  QUERY_RESPONSE,
  type QueryFilter,
  RELAY,
  SerfDecoder,
  type SerfMessage,
  STATE,
  type StoredEvent,
  USER_EVENT,
} from "@hearsay/core/serf";
import { isFault } from "@hearsay/core/wire";
import { toHex } from "../../wire/bytes.ts";

/** A decoded value in the shape of a vector's `decoded`. */
export type Described = { readonly [member: string]: unknown };

/** The message that `bytes` hold, in the shape of the vectors. Throws on what is refused. */
export function describedBytes(bytes: Uint8Array): Described {
  const message = new SerfDecoder().decode(bytes, 0, bytes.length);
  if (isFault(message)) throw new Error(message.reason);
  return describedMessage(message);
}

export function describedMessage(message: SerfMessage): Described {
  const named = { serf: NAMES[message.type], type: message.type, fields: fieldsOf(message) };
  return message.type === RELAY ? { ...named, inner: describedBytes(message.message) } : named;
}

/** Names of the types, by their number. */
const NAMES = [
  ...["leave", "join", "pushPull", "userEvent", "query"],
  ...["queryResponse", "conflictResponse", "keyRequest", "keyResponse", "relay"],
];

function fieldsOf(message: SerfMessage): Described | null {
  switch (message.type) {
    case LEAVE:
      return { LTime: message.lTime, Node: message.node, Prune: message.prune };
    case JOIN:
      return { LTime: message.lTime, Node: message.node };
    case STATE:
      return {
        EventLTime: message.eventLTime,
        Events: message.events.map((slot) =>
          slot === null ? null : { Events: slot.events.map(describedEvent), LTime: slot.lTime },
        ),
        LTime: message.lTime,
        LeftMembers: message.leftMembers,
        QueryLTime: message.queryLTime,
        StatusLTimes: Object.fromEntries(message.statusLTimes),
      };
    case USER_EVENT:
      return { CC: message.coalesce, LTime: message.lTime, ...describedEvent(message) };
    case QUERY:
      return {
        Addr: byteString(message.addr),
        Filters: message.filters?.map(byteString) ?? null,
        Flags: message.flags,
        ID: message.id,
        LTime: message.lTime,
        ...describedEvent(message),
        Port: message.port,
        RelayFactor: message.relayFactor,
        SourceNode: message.sourceNode,
        Timeout: message.timeoutNs,
      };
    case QUERY_RESPONSE: {
      const { flags, from, id, lTime, payload } = message;
      return { Flags: flags, From: from, ID: id, LTime: lTime, Payload: byteString(payload) };
    }
    case CONFLICT_RESPONSE:
      return describedMember(message);
    case KEY_REQUEST:
      return { Key: byteString(message.key) };
    case KEY_RESPONSE: {
      const { keys, message: text, primaryKey, result } = message;
      return { Keys: keys, Message: text, PrimaryKey: primaryKey, Result: result };
    }
    case RELAY: {
      const { destIp, destPort, destZone, destName } = message;
      return { DestAddr: { IP: byteString(destIp), Port: destPort, Zone: destZone }, DestName: destName };
    }
  }
}

function describedMember({ member }: Extract<SerfMessage, { type: typeof CONFLICT_RESPONSE }>): Described | null {
  if (member === null) return null;
  return {
    Addr: byteString(member.addr),
    DelegateCur: member.delegateCur,
    DelegateMax: member.delegateMax,
    DelegateMin: member.delegateMin,
    Name: member.name,
    Port: member.port,
    ProtocolCur: member.protocolCur,
    ProtocolMax: member.protocolMax,
    ProtocolMin: member.protocolMin,
    Status: member.status,
    Tags: Object.fromEntries(member.tags),
  };
}

function describedEvent({ name, payload }: StoredEvent): Described {
  return { Name: name, Payload: byteString(payload) };
}

export function describedFilter(filter: QueryFilter): Described {
  if (filter.type === NODE_FILTER) return { filter: "node", type: filter.type, value: filter.names };
  return { filter: "tag", type: filter.type, value: { Expr: filter.expression, Tag: filter.tag } };
}

export function describedCoordinate({ adjustment, error, height, vec }: Coordinate): Described {
  return { Adjustment: adjustment, Error: error, Height: height, Vec: vec };
}

function byteString(bytes: Uint8Array | null): { readonly bytes: string } | null {
  return bytes === null ? null : { bytes: toHex(bytes) };
}
