/**
 * The messages of Serf as plain objects of fixed shape (docs/protocol/serf.md, sections 1 and 2).
 *
 * Byte fields of a decoded message are views into the bytes that it came from. Whoever stores one copies it. Names, tag
 * values and other texts are lossless: what is no UTF-8 is escaped as in the names of members.
 */
import type { LTime } from "./ltime.ts";

/** First byte of every message: its type (section 1). */
export const LEAVE = 0;
export const JOIN = 1;
export const STATE = 2;
export const USER_EVENT = 3;
export const QUERY = 4;
export const QUERY_RESPONSE = 5;
export const CONFLICT_RESPONSE = 6;
export const KEY_REQUEST = 7;
export const KEY_RESPONSE = 8;
export const RELAY = 9;

/** Tells that `node` means to leave, or is made to (section 7.2). */
export interface LeaveIntent {
  readonly type: typeof LEAVE;
  readonly lTime: LTime;
  readonly node: string;
  /** Whether to forget the member at once instead of keeping it as one that left. */
  readonly prune: boolean;
}

/** Tells that `node` has joined (section 7.1). */
export interface JoinIntent {
  readonly type: typeof JOIN;
  readonly lTime: LTime;
  readonly node: string;
}

/** What is remembered of one user event. */
export interface StoredEvent {
  readonly name: string;
  readonly payload: Uint8Array | null;
}

/** The user events of one time. */
export interface EventSlot {
  readonly lTime: LTime;
  readonly events: readonly StoredEvent[];
}

/** What a node tells in a push/pull (section 13). */
export interface SerfState {
  readonly type: typeof STATE;
  /** The clock of intents. */
  readonly lTime: LTime;
  readonly eventLTime: LTime;
  readonly queryLTime: LTime;
  /** Of every member, failed and left ones too, the time of its last intent. */
  readonly statusLTimes: ReadonlyMap<string, LTime>;
  readonly leftMembers: readonly string[];
  /** The ring of events as it is: a sender gives all `EVENT_SLOTS` of it, null for the unused ones. */
  readonly events: readonly (EventSlot | null)[];
}

/** Something that a user told the cluster (section 10). */
export interface UserEvent {
  readonly type: typeof USER_EVENT;
  readonly lTime: LTime;
  readonly name: string;
  readonly payload: Uint8Array | null;
  /** Whether receivers may drop it for a later one of the same name. */
  readonly coalesce: boolean;
}

/** A flag of queries: whoever they concern acknowledges them at once. */
export const QUERY_ACK = 1;
/** A flag of queries: whoever receives them doesn't pass them on. */
export const QUERY_NO_BROADCAST = 2;

/** Asks the members that all `filters` match (section 11). */
export interface Query {
  readonly type: typeof QUERY;
  readonly lTime: LTime;
  /** A random number of 31 bits. */
  readonly id: number;
  /** Where to answer to: raw IP, 4 or 16 bytes when it is in order, as received. */
  readonly addr: Uint8Array;
  readonly port: number;
  readonly sourceNode: string;
  /** Encoded filters, see `SerfDecoder.filter`; none of them is empty. Null and an empty list both mean everyone. */
  readonly filters: readonly Uint8Array[] | null;
  /** `QUERY_ACK` and `QUERY_NO_BROADCAST`. */
  readonly flags: number;
  /** How many other members shall relay each answer, 0 to 255. */
  readonly relayFactor: number;
  /** Time to answer in nanoseconds; it may be negative. Beyond 53 bits, 104 days, it is the nearest such number. */
  readonly timeoutNs: number;
  readonly name: string;
  /** Of a key query it is never empty. */
  readonly payload: Uint8Array | null;
}

/** A flag of query responses: this is the acknowledgement, not the answer. */
export const RESPONSE_ACK = 1;

/** Answers or acknowledges the query with this time and id (section 11.4). */
export interface QueryResponse {
  readonly type: typeof QUERY_RESPONSE;
  readonly lTime: LTime;
  readonly id: number;
  readonly from: string;
  /** `RESPONSE_ACK` or 0. */
  readonly flags: number;
  readonly payload: Uint8Array | null;
}

/** `status` of a member record. */
export const STATUS_NONE = 0;
export const STATUS_ALIVE = 1;
export const STATUS_LEAVING = 2;
export const STATUS_LEFT = 3;
export const STATUS_FAILED = 4;

/** A member as another one knows it. */
export interface MemberRecord {
  readonly name: string;
  /** Raw IP, as received. */
  readonly addr: Uint8Array;
  readonly port: number;
  /** In the order in which they came; on the wire it means nothing. */
  readonly tags: ReadonlyMap<string, string>;
  /** 0 none, 1 alive, 2 leaving, 3 left, 4 failed; other values are kept as received. */
  readonly status: number;
  readonly protocolMin: number;
  readonly protocolMax: number;
  readonly protocolCur: number;
  readonly delegateMin: number;
  readonly delegateMax: number;
  readonly delegateCur: number;
}

/** Tells who has the name that two members claim (section 12.1). */
export interface ConflictResponse {
  readonly type: typeof CONFLICT_RESPONSE;
  /** Null if the responder doesn't know the name. */
  readonly member: MemberRecord | null;
}

/** The payload of a query that changes or lists keys (section 12.2). */
export interface KeyRequest {
  readonly type: typeof KEY_REQUEST;
  /** The raw key; empty to list. */
  readonly key: Uint8Array;
}

/** How one member fared with a key request (section 12.2). */
export interface KeyResponse {
  readonly type: typeof KEY_RESPONSE;
  readonly result: boolean;
  /** What went wrong, or a remark. */
  readonly message: string;
  /** In base64; only a list has them. */
  readonly keys: readonly string[] | null;
  /** In base64. */
  readonly primaryKey: string;
}

/** Asks its receiver to send `message` on (section 11.5). */
export interface Relay {
  readonly type: typeof RELAY;
  /** Raw IP, as received. */
  readonly destIp: Uint8Array;
  readonly destPort: number;
  /** The zone of an IPv6 address, mostly empty. */
  readonly destZone: string;
  readonly destName: string;
  /** A message with its type byte, to be sent untouched. */
  readonly message: Uint8Array;
}

export type SerfMessage =
  | LeaveIntent
  | JoinIntent
  | SerfState
  | UserEvent
  | Query
  | QueryResponse
  | ConflictResponse
  | KeyRequest
  | KeyResponse
  | Relay;
