/** Serf on top of membership (docs/protocol/serf.md). */
export {
  COORDINATE_DIMENSIONS,
  COORDINATE_ERROR_MAX,
  COORDINATE_HEIGHT_MIN,
  COORDINATE_MAGNITUDE_MAX,
  type Coordinate,
  isPlausible,
  newCoordinate,
} from "./coordinates/coordinate.ts";
export {
  COORDINATE_PEERS_MAX,
  COORDINATE_RTT_MS_MAX,
  CoordinateClient,
  type CoordinateClientOptions,
  type CoordinateCounters,
  type CoordinateUpdate,
} from "./coordinates/coordinate-client.ts";
export { estimatedRttMs } from "./coordinates/geometry.ts";
export type { TooLarge } from "./events/user-events.ts";
export { type ClockJump, type ClockName, JUMP_ABSURD } from "./lamport-clock.ts";
export type { RespondFault } from "./queries/incoming-queries.ts";
export type { Busy, QueryParams, StartedQuery } from "./queries/outgoing-queries.ts";
export { SERF_VERSIONS, Serf, type SerfClocks, type SerfOptions } from "./serf.ts";
export { SERF_DEFAULTS, type SerfConfig, USER_EVENT_BYTES_LIMIT } from "./serf-config.ts";
export type { SerfCounters } from "./serf-counters.ts";
export type {
  KeyOperation,
  KeyQueryHeard,
  QueryAcked,
  QueryAnswered,
  QueryFinished,
  QueryHeard,
  SerfEvent,
  SerfNotice,
  UserEventHeard,
} from "./serf-event.ts";
export { SERF_SETTINGS, type SerfSetting } from "./serf-settings.ts";
export { encodeCoordinatePayload } from "./wire/coordinate.ts";
export { SerfDecoder } from "./wire/decode.ts";
export { encodeSerfMessage, SerfEncoder } from "./wire/encode.ts";
export { type FilterSubject, matchesFilters, type RegExpMatcher, type Spend } from "./wire/filter-match.ts";
export {
  encodeFilter,
  NODE_FILTER,
  type NodeFilter,
  type QueryFilter,
  TAG_FILTER,
  type TagFilter,
} from "./wire/filters.ts";
export {
  CONFLICT_QUERY,
  INSTALL_KEY_QUERY,
  INTERNAL_QUERY_PREFIX,
  LIST_KEYS_QUERY,
  PING_QUERY,
  REMOVE_KEY_QUERY,
  USE_KEY_QUERY,
} from "./wire/internal-queries.ts";
export {
  EVENT_SLOTS,
  EXPRESSION_BYTES_MAX,
  STATE_EVENTS_MAX,
  STATE_MEMBERS_MAX,
  STATE_SLOTS_MAX,
  TAGS_BYTES_MAX,
} from "./wire/limits.ts";
export { LTIME_MAX, type LTime } from "./wire/ltime.ts";
export {
  CONFLICT_RESPONSE,
  type ConflictResponse,
  type EventSlot,
  JOIN,
  type JoinIntent,
  KEY_REQUEST,
  KEY_RESPONSE,
  type KeyRequest,
  type KeyResponse,
  LEAVE,
  type LeaveIntent,
  type MemberRecord,
  QUERY,
  QUERY_ACK,
  QUERY_NO_BROADCAST,
  QUERY_RESPONSE,
  type Query,
  type QueryResponse,
  RELAY,
  RESPONSE_ACK,
  type Relay,
  type SerfMessage,
  type SerfState,
  STATE,
  STATUS_ALIVE,
  STATUS_FAILED,
  STATUS_LEAVING,
  STATUS_LEFT,
  STATUS_NONE,
  type StoredEvent,
  USER_EVENT,
  type UserEvent,
} from "./wire/messages.ts";
export { encodeSnapshot, replaySnapshot, type SnapshotContents, type SnapshotReplay } from "./wire/snapshot.ts";
export {
  type AliveLine,
  type ClockLine,
  encodeSnapshotLine,
  type LeaveLine,
  type NotAliveLine,
  parseSnapshotLine,
  type SnapshotRecord,
  type SnapshotSkip,
} from "./wire/snapshot-line.ts";
export { encodeTags, type Tags } from "./wire/tags.ts";
