/**
 * Serf's messages as plain objects of fixed shape (docs/protocol/serf.md, sections 1 and 2).
 *
 * Byte fields of a decoded message are views into the received bytes; copy them to keep them. Names, tag values and
 * other texts are lossless: bytes that are not UTF-8 are escaped as in member names.
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

/** Says that `node` leaves, or is forced to (section 7.2). */
export interface LeaveIntent {
  readonly type: typeof LEAVE;
  readonly lTime: LTime;
  readonly node: string;
  /** Whether to forget the member at once instead of keeping it as left. */
  readonly prune: boolean;
}

/** Says that `node` has joined (section 7.1). */
export interface JoinIntent {
  readonly type: typeof JOIN;
  readonly lTime: LTime;
  readonly node: string;
}

/** One remembered user event. */
export interface StoredEvent {
  readonly name: string;
  readonly payload: Uint8Array | null;
}

/** The user events of one time. */
export interface EventSlot {
  readonly lTime: LTime;
  readonly events: readonly StoredEvent[];
}

/** A node's part of a push/pull (section 13). */
export interface SerfState {
  readonly type: typeof STATE;
  /** The intents' clock. */
  readonly lTime: LTime;
  readonly eventLTime: LTime;
  readonly queryLTime: LTime;
  /** The time of the last intent about each member, including failed and left ones. */
  readonly statusLTimes: ReadonlyMap<string, LTime>;
  readonly leftMembers: readonly string[];
  /** The event ring: a sender includes all `EVENT_SLOTS` slots, null for unused ones. */
  readonly events: readonly (EventSlot | null)[];
}

/** An event that a user sent to the cluster (section 10). */
export interface UserEvent {
  readonly type: typeof USER_EVENT;
  readonly lTime: LTime;
  readonly name: string;
  readonly payload: Uint8Array | null;
  /** Whether receivers may drop it in favor of a later event of the same name. */
  readonly coalesce: boolean;
}

/** A flag of queries: the members that it concerns acknowledge it at once. */
export const QUERY_ACK = 1;
/** A flag of queries: receivers don't relay it. */
export const QUERY_NO_BROADCAST = 2;

/** Asks the members that all `filters` match (section 11). */
export interface Query {
  readonly type: typeof QUERY;
  readonly lTime: LTime;
  /** A random number of 31 bits. */
  readonly id: number;
  /** The address for answers: the raw IP as received, 4 or 16 bytes if valid. */
  readonly addr: Uint8Array;
  readonly port: number;
  readonly sourceNode: string;
  /** Encoded filters, see `SerfDecoder.filter`; none of them is empty. Null and an empty list both mean all members. */
  readonly filters: readonly Uint8Array[] | null;
  /** `QUERY_ACK` and `QUERY_NO_BROADCAST`. */
  readonly flags: number;
  /** How many other members should relay each answer, 0 to 255. */
  readonly relayFactor: number;
  /** Time to answer in nanoseconds; may be negative. Beyond 53 bits, 104 days, it is the nearest such number. */
  readonly timeoutNs: number;
  readonly name: string;
  /** Never empty for a key query. */
  readonly payload: Uint8Array | null;
}

/** A flag of query responses: this is an acknowledgement, not an answer. */
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

/** Values of a member record's `status`. */
export const STATUS_NONE = 0;
export const STATUS_ALIVE = 1;
export const STATUS_LEAVING = 2;
export const STATUS_LEFT = 3;
export const STATUS_FAILED = 4;

/** A member as another one lists it. */
export interface MemberRecord {
  readonly name: string;
  /** Raw IP, as received. */
  readonly addr: Uint8Array;
  readonly port: number;
  /** In the order received; the order has no meaning on the wire. */
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

/** The responder's record of the member whose name is disputed (section 12.1). */
export interface ConflictResponse {
  readonly type: typeof CONFLICT_RESPONSE;
  /** Null if the responder doesn't know the name. */
  readonly member: MemberRecord | null;
}

/** The payload of a query that changes or lists keys (section 12.2). */
export interface KeyRequest {
  readonly type: typeof KEY_REQUEST;
  /** The raw key; empty for listing. */
  readonly key: Uint8Array;
}

/** One member's result of a key request (section 12.2). */
export interface KeyResponse {
  readonly type: typeof KEY_RESPONSE;
  readonly result: boolean;
  /** An error, or a remark. */
  readonly message: string;
  /** In base64; only for listing. */
  readonly keys: readonly string[] | null;
  /** In base64. */
  readonly primaryKey: string;
}

/** Asks its receiver to forward `message` (section 11.5). */
export interface Relay {
  readonly type: typeof RELAY;
  /** Raw IP, as received. */
  readonly destIp: Uint8Array;
  readonly destPort: number;
  /** The zone of an IPv6 address, usually empty. */
  readonly destZone: string;
  readonly destName: string;
  /** A message with its type byte, forwarded unchanged. */
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
