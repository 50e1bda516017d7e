import { bool, bytes, type Codec, float, int, list, map, type StructCodec, struct, text, uint } from "./codec.ts";
import type { RpcWriter } from "./rpc-writer.ts";

/**
 * The messages of Serf's RPC, each with its fields in the order of their declaration (docs/protocol/serf.md, sections
 * 22 and 23). Lists and maps that are null are nil on the wire.
 */

/** Sequence numbers, identifiers and Lamport times have 64 bits; a number holds 53, and larger values are refused. */
const u64 = uint(Number.MAX_SAFE_INTEGER);
const u16 = uint(0xffff);
const u8 = uint(0xff);

/** Before each command. */
export interface RequestHeader {
  readonly Command: string;
  readonly Seq: number;
}

export const REQUEST_HEADER: StructCodec<RequestHeader> = struct<RequestHeader>({ Command: text, Seq: u64 });

/** Before each response and each record; an empty `Error` is success. */
export interface ResponseHeader {
  readonly Seq: number;
  readonly Error: string;
}

export const RESPONSE_HEADER: StructCodec<ResponseHeader> = struct<ResponseHeader>({ Seq: u64, Error: text });

export interface Handshake {
  readonly Version: number;
}

export const HANDSHAKE: StructCodec<Handshake> = struct<Handshake>({ Version: int });

export interface Auth {
  readonly AuthKey: string;
}

export const AUTH: StructCodec<Auth> = struct<Auth>({ AuthKey: text });

export interface EventRequest {
  readonly Name: string;
  readonly Payload: Uint8Array | null;
  readonly Coalesce: boolean;
}

export const EVENT: StructCodec<EventRequest> = struct<EventRequest>({ Name: text, Payload: bytes, Coalesce: bool });

export interface ForceLeaveRequest {
  readonly Node: string;
  readonly Prune: boolean;
}

export const FORCE_LEAVE: StructCodec<ForceLeaveRequest> = struct<ForceLeaveRequest>({ Node: text, Prune: bool });

export interface JoinRequest {
  readonly Existing: readonly string[] | null;
  readonly Replay: boolean;
}

export const JOIN: StructCodec<JoinRequest> = struct<JoinRequest>({ Existing: list(text), Replay: bool });

export interface Joined {
  readonly Num: number;
}

export const JOINED: StructCodec<Joined> = struct<Joined>({ Num: int });

export interface MembersFilteredRequest {
  readonly Tags: ReadonlyMap<string, string> | null;
  readonly Status: string;
  readonly Name: string;
}

export const MEMBERS_FILTERED: StructCodec<MembersFilteredRequest> = struct<MembersFilteredRequest>({
  Tags: map(text),
  Status: text,
  Name: text,
});

export interface KeyRequest {
  readonly Key: string;
}

export const KEY: StructCodec<KeyRequest> = struct<KeyRequest>({ Key: text });

export interface MonitorRequest {
  readonly LogLevel: string;
}

export const MONITOR: StructCodec<MonitorRequest> = struct<MonitorRequest>({ LogLevel: text });

export interface StreamRequest {
  readonly Type: string;
}

export const STREAM: StructCodec<StreamRequest> = struct<StreamRequest>({ Type: text });

export interface StopRequest {
  readonly Stop: number;
}

export const STOP: StructCodec<StopRequest> = struct<StopRequest>({ Stop: u64 });

export interface TagsRequest {
  readonly Tags: ReadonlyMap<string, string> | null;
  readonly DeleteTags: readonly string[] | null;
}

export const TAGS: StructCodec<TagsRequest> = struct<TagsRequest>({ Tags: map(text), DeleteTags: list(text) });

/** Empty filters match every member. `Timeout` is in nanoseconds, 0 for the default. */
export interface QueryRequest {
  readonly FilterNodes: readonly string[] | null;
  readonly FilterTags: ReadonlyMap<string, string> | null;
  readonly RequestAck: boolean;
  readonly RelayFactor: number;
  readonly Timeout: number;
  readonly Name: string;
  readonly Payload: Uint8Array | null;
}

export const QUERY: StructCodec<QueryRequest> = struct<QueryRequest>({
  FilterNodes: list(text),
  FilterTags: map(text),
  RequestAck: bool,
  RelayFactor: u8,
  Timeout: int,
  Name: text,
  Payload: bytes,
});

export interface RespondRequest {
  readonly ID: number;
  readonly Payload: Uint8Array | null;
}

export const RESPOND: StructCodec<RespondRequest> = struct<RespondRequest>({ ID: u64, Payload: bytes });

export interface GetCoordinateRequest {
  readonly Node: string;
}

export const GET_COORDINATE: StructCodec<GetCoordinateRequest> = struct<GetCoordinateRequest>({ Node: text });

/** `Addr` is the IP as bytes; `Status` is none, alive, leaving, left or failed. */
export interface RpcMember {
  readonly Name: string;
  readonly Addr: Uint8Array | null;
  readonly Port: number;
  readonly Tags: ReadonlyMap<string, string> | null;
  readonly Status: string;
  readonly ProtocolMin: number;
  readonly ProtocolMax: number;
  readonly ProtocolCur: number;
  readonly DelegateMin: number;
  readonly DelegateMax: number;
  readonly DelegateCur: number;
}

export const MEMBER: StructCodec<RpcMember> = struct<RpcMember>({
  Name: text,
  Addr: bytes,
  Port: u16,
  Tags: map(text),
  Status: text,
  ProtocolMin: u8,
  ProtocolMax: u8,
  ProtocolCur: u8,
  DelegateMin: u8,
  DelegateMax: u8,
  DelegateCur: u8,
});

export interface Members {
  readonly Members: readonly RpcMember[] | null;
}

export const MEMBERS: StructCodec<Members> = struct<Members>({ Members: list(MEMBER) });

/** Writes the head of a list of members; the members follow, each by the codec `MEMBER`. */
export function membersHead(writer: RpcWriter, count: number): void {
  writer.mapHead(1);
  writer.name("Members");
  writer.arrayHead(count);
}

/** `Keys` counts the members that have each key; nil except in a list. */
export interface KeyResult {
  readonly Messages: ReadonlyMap<string, string> | null;
  readonly Keys: ReadonlyMap<string, number> | null;
  readonly NumNodes: number;
  readonly NumErr: number;
  readonly NumResp: number;
}

export const KEY_RESULT: StructCodec<KeyResult> = struct<KeyResult>({
  Messages: map(text),
  Keys: map(int),
  NumNodes: int,
  NumErr: int,
  NumResp: int,
});

/** In seconds. */
export interface RpcCoordinate {
  readonly Vec: readonly number[] | null;
  readonly Error: number;
  readonly Adjustment: number;
  readonly Height: number;
}

export const COORDINATE: StructCodec<RpcCoordinate> = struct<RpcCoordinate>({
  Vec: list(float),
  Error: float,
  Adjustment: float,
  Height: float,
});

export interface CoordinateResult {
  readonly Coord: RpcCoordinate;
  readonly Ok: boolean;
}

export const COORDINATE_RESULT: StructCodec<CoordinateResult> = struct<CoordinateResult>({
  Coord: COORDINATE,
  Ok: bool,
});

export interface LogRecord {
  readonly Log: string;
}

export const LOG_RECORD: StructCodec<LogRecord> = struct<LogRecord>({ Log: text });

export interface UserEventRecord {
  readonly Event: string;
  readonly LTime: number;
  readonly Name: string;
  readonly Payload: Uint8Array | null;
  readonly Coalesce: boolean;
}

export const USER_EVENT_RECORD: StructCodec<UserEventRecord> = struct<UserEventRecord>({
  Event: text,
  LTime: u64,
  Name: text,
  Payload: bytes,
  Coalesce: bool,
});

export interface QueryEventRecord {
  readonly Event: string;
  readonly ID: number;
  readonly LTime: number;
  readonly Name: string;
  readonly Payload: Uint8Array | null;
}

export const QUERY_EVENT_RECORD: StructCodec<QueryEventRecord> = struct<QueryEventRecord>({
  Event: text,
  ID: u64,
  LTime: u64,
  Name: text,
  Payload: bytes,
});

export interface MemberEventRecord {
  readonly Event: string;
  readonly Members: readonly RpcMember[] | null;
}

export const MEMBER_EVENT_RECORD: StructCodec<MemberEventRecord> = struct<MemberEventRecord>({
  Event: text,
  Members: list(MEMBER),
});

/** Any record of a stream, with the fields of all three kinds. */
export interface EventRecord {
  readonly Event: string;
  readonly LTime: number;
  readonly Name: string;
  readonly Payload: Uint8Array | null;
  readonly Coalesce: boolean;
  readonly ID: number;
  readonly Members: readonly RpcMember[] | null;
}

export const EVENT_RECORD: StructCodec<EventRecord> = struct<EventRecord>({
  Event: text,
  LTime: u64,
  Name: text,
  Payload: bytes,
  Coalesce: bool,
  ID: u64,
  Members: list(MEMBER),
});

/** `Type` is ack, response or done. */
export interface QueryRecord {
  readonly Type: string;
  readonly From: string;
  readonly Payload: Uint8Array | null;
}

export const QUERY_RECORD: StructCodec<QueryRecord> = struct<QueryRecord>({ Type: text, From: text, Payload: bytes });

/** Maps of maps: groups of figures and texts. */
export const STATS: Codec<ReadonlyMap<string, ReadonlyMap<string, string> | null> | null> = map(map(text));
