/**
 * Internals for Hearsay's own packages, tests and benchmarks, and for layers (docs/guides/layers.md). Nothing here is
 * public: it may change with any release.
 */
export { Deadlines } from "./base/deadlines.ts";
export { RULES, type Rules, type RulesName } from "./base/rules.ts";
export type { Call } from "./call/call.ts";
export { Awareness } from "./detector/awareness.ts";
export { ReferenceQueue } from "./dissemination/reference-queue.ts";
export {
  ALL_KINDS,
  APPLICATION,
  BULK,
  FAILURES,
  JOINS,
  newRumor,
  PLAIN,
  RUMOR_SHARES,
  type Rumor,
  type RumorClass,
  type RumorPacket,
  type RumorWatcher,
  type TransmitLimits,
  transmitLimit,
  URGENT,
  type Wanted,
} from "./dissemination/rumor.ts";
export { RumorStore } from "./dissemination/rumor-store.ts";
export { TokenBucket } from "./dissemination/token-bucket.ts";
export { type BegunMerge, Layer, type LayerState, type LeaveSteps, type StateMerge } from "./layers/layer.ts";
export type { LayerAnswer, LayerBroadcast, LayerHost } from "./layers/layer-host.ts";
export { type AnyLayer, deadlineSubject, LayerStack } from "./layers/layer-stack.ts";
export { SECTIONS_BYTES_MAX } from "./layers/sections.ts";
export { EVENTS_BYTES_MAX } from "./layers/serf/events/event-ring.ts";
export { RECENT_INTENTS_MAX } from "./layers/serf/members/recent-intents.ts";
export { GONE_MEMBERS_MAX } from "./layers/serf/members/serf-member-table.ts";
export { isCompatible } from "./membership/compatibility.ts";
export { CAUSES_PER_MEMBER_MAX, Evidence } from "./membership/evidence.ts";
export { type MemberRecord, memberRecord } from "./membership/member-record.ts";
export { MemberTable } from "./membership/member-table.ts";
export {
  INCARNATION_MAX,
  PLAUSIBLE_STEP,
  raisedIncarnation,
  refutingIncarnation,
  supersedes,
} from "./membership/precedence.ts";
export { Selection } from "./membership/selection.ts";
export { hashName, SlotIndex } from "./membership/slot-index.ts";
export {
  Suspicions,
  suspicionMinMs,
  suspicionRemainingMs,
} from "./membership/suspicion.ts";
export { isWholeStateCompatible } from "./sync/compatibility.ts";
export { ENTRIES_ENCODED_PER_SLICE } from "./sync/encode-queue.ts";
export { ENTRIES_MERGED_PER_SLICE } from "./sync/merge-queue.ts";
export { pushPullScaleMs } from "./sync/push-pull-scale.ts";
