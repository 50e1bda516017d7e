export { type Address, addressFromBytes, addressFromText, addressKey, ipText, parseIp } from "./base/address.ts";
export {
  type ConfigFault,
  LIVE_SETTINGS,
  type Preset,
  presetConfig,
  resolveConfig,
  SETTINGS,
  type Setting,
  type SwimConfig,
  suspicionConflict,
} from "./base/config.ts";
export type { Counters } from "./base/counters.ts";
export { InvariantError } from "./base/invariant.ts";
export { below, type Random, Sfc32, unit } from "./base/random.ts";
export type {
  Cause,
  CauseKind,
  ChangeKind,
  CoreEvent,
  DetectedStatus,
  JoinFailure,
  JoinFinished,
  LayerEvent,
  LeaveFinished,
  MemberChange,
  MemberStatus,
  MemberView,
  NameConflict,
  NewsPath,
  Notice,
  PacketRefused,
  PingAnswered,
  ProbeReport,
  RumorFinished,
  SelfRefuted,
  UserMessage,
} from "./call/events.ts";
export type { ExchangeFailure, ExchangeResult, Outbox } from "./call/outbox.ts";
export { APPLICATION, BULK, type RumorClass, URGENT } from "./dissemination/rumor.ts";
export { suspicionMaxMs } from "./membership/suspicion.ts";
export { type BroadcastOptions, Swim } from "./node/swim.ts";
export type { SwimHooks, SwimOptions } from "./node/swim-options.ts";
