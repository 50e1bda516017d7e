export { type Address, addressFromBytes, addressFromText, addressKey, ipText, parseIp } from "./address.ts";
export {
  type ConfigFault,
  type Preset,
  presetConfig,
  resolveConfig,
  SETTINGS,
  type Setting,
  type SwimConfig,
} from "./config.ts";
export type { Counters } from "./counters.ts";
export { APPLICATION, BULK, type RumorClass, URGENT } from "./dissemination/rumor.ts";
export type {
  Cause,
  CauseKind,
  ChangeKind,
  CoreEvent,
  DetectedStatus,
  JoinFailure,
  JoinFinished,
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
} from "./events.ts";
export { InvariantError } from "./invariant.ts";
export type { ExchangeFailure, ExchangeResult, Outbox } from "./outbox.ts";
export { below, type Random, Sfc32, unit } from "./random.ts";
export { type BroadcastOptions, Swim } from "./swim.ts";
export type { SwimHooks, SwimOptions } from "./swim-options.ts";
export { LATE_MS } from "./upkeep.ts";
