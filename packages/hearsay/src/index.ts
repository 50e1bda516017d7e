export type { SwimConfig } from "@hearsay/core";
export {
  type Address,
  addressFromText,
  type Cause,
  type CauseKind,
  type ChangeKind,
  type Counters,
  type DetectedStatus,
  type MemberStatus,
  type NewsPath,
  type Preset,
  type ProbeReport,
} from "@hearsay/core";
export type { Coordinate, CoordinateCounters } from "@hearsay/core/serf";
export type { LinkConditions, PacketModel } from "@hearsay/core/virtual";
export { type Duration, parseDuration } from "./base/durations.ts";
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorCodeRow,
  type ErrorData,
  HearsayError,
  type HearsayErrorOptions,
  isHearsayError,
  type JoinTargetFailure,
  type OptionFault,
} from "./base/errors.ts";
export type { KeyAnswer, KeyReport } from "./base/key-report.ts";
export type { ClosedReason, ClusterStatus } from "./base/lifecycle.ts";
export { escapeControls } from "./base/logfmt.ts";
export type { Logger, LogLevel } from "./base/logger.ts";
export type { Counter, Gauge, Histogram, LabelValues, MetricFamily, Metrics, ReadTable } from "./base/metrics.ts";
export { textLogger } from "./base/text-logger.ts";
export type {
  AnyCluster,
  Cluster,
  ExtendedMemberlistCluster,
  ExtendedMemberlistOptions,
  HearsayOptions,
  MemberlistCluster,
  MemberlistOptions,
  SerfCluster,
  SerfOptions,
} from "./cluster.ts";
export type { JoinOptions, LeaveOptions, MembersFilter, ReadyOptions } from "./cluster-membership.ts";
export type { ForceLeaveOptions, Stats } from "./cluster-object.ts";
export type { ChannelsOf, Contract, MessagingCalls, ReplyOf, RequestOf, RequestsOf } from "./contract.ts";
export { createCluster } from "./create-cluster.ts";
export { generateKey, type KeyInput } from "./crypto/keys.ts";
export type { KeyFingerprint, LocalKeys } from "./crypto/local-keys.ts";
export { Re2Expression } from "./expressions/re2-expression.ts";
export type { Change, ChangeBatch, ChangesOptions, Snapshot } from "./members/change-feed.ts";
export type { Member } from "./members/member.ts";
export type { MemberTags } from "./members/member-tags.ts";
export type { Channel, Message, MessagesOptions, PublishOptions } from "./messaging/channel.ts";
export { bytesCodec, type Codec, type ExchangeCodec, jsonCodec } from "./messaging/codec.ts";
export type { ChannelOptions, HandlerOptions } from "./messaging/messaging-service.ts";
export type { RawMessage, SendRawOptions } from "./messaging/raw.ts";
export type { IncomingRequest, RequestHandler } from "./messaging/request-handlers.ts";
export type { RequestOptions } from "./messaging/requests.ts";
export type { Urgency } from "./messaging/urgency.ts";
export type { LoopDelay } from "./node/loop-delay.ts";
export type { DebugHandler } from "./observe/debug-handler.ts";
export type { SerfStats } from "./observe/serf-metrics.ts";
export type {
  ClusterOptions,
  EncryptionOptions,
  Endpoint,
  Flavour,
  LimitOptions,
  MetricsOptions,
  SerfTuning,
  SnapshotOptions,
  TimingOptions,
} from "./options/cluster-options.ts";
export type { LiveTimingOptions } from "./options/live-timings.ts";
export type { Ring, RingChangesOptions, RingOptions } from "./ring/ring.ts";
export type { RingChange } from "./ring/ring-change.ts";
export type { RingWeight, RingWhere } from "./ring/ring-members.ts";
export type { JoinReport } from "./runtime/seed-keeper.ts";
export type { Self } from "./runtime/self.ts";
export type { ClusterKeys } from "./serf/cluster-keys.ts";
export type { QueryFilters, QueryOptions } from "./serf/outgoing-queries.ts";
export type { KeyOptions } from "./serf/pool-keys.ts";
export type { Answer, Query, QueryMissing, QuerySummary } from "./serf/query.ts";
export type { IncomingQuery, QueryHandler, QueryResult } from "./serf/query-handlers.ts";
export type { EventOptions, EventsOptions, UserEvent } from "./serf/user-event-feed.ts";
export type { MemoryConnection } from "./transport/memory-connection.ts";
export { type MemoryEndpoint, MemoryNetwork, type MemoryNetworkOptions } from "./transport/memory-network.ts";
export { memoryTransport } from "./transport/memory-transport.ts";
export type { Scheduler } from "./transport/scheduler.ts";
export {
  type Connection,
  type ConnectionHandlers,
  type ConnectOptions,
  type Transport,
  type TransportCounters,
  TransportError,
  type TransportErrorCode,
  type TransportHandlers,
} from "./transport/transport.ts";
export { type UdpTcp, type UdpTcpOptions, udpTcp } from "./transport/udp-tcp.ts";
