import { SERF_DEFAULTS, type SerfConfig, USER_EVENT_BYTES_LIMIT } from "./serf-config.ts";

/** One numeric setting of Serf: a row from which checks and documentation are made. */
export interface SerfSetting {
  readonly key: SerfNumber;
  readonly unit: "ms" | "count" | "bytes";
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** The benefit and the cost of a higher value. */
  readonly tradeOff: string;
}

type SerfNumber = {
  [Key in keyof SerfConfig]: SerfConfig[Key] extends number ? Key : never;
}[keyof SerfConfig];

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** Every number with its bounds, both inclusive, and its trade-off. */
export const SERF_SETTINGS: readonly SerfSetting[] = [
  setting("broadcastTimeoutMs", "ms", 0, HOUR_MS, [
    "Longest wait until the leave intent, and membership's leave after it, have been gossiped. A longer wait survives",
    "more loss, but the leave takes longer if many packets are lost.",
  ]),
  setting("leavePropagateDelayMs", "ms", 0, HOUR_MS, [
    "How long a node keeps answering after its leave has been gossiped. A longer time lets slow members hear of the",
    "leave from the node itself.",
  ]),
  setting("reapIntervalMs", "ms", 100, HOUR_MS, ["Time between two searches for members to forget."]),
  setting("reconnectTimeoutMs", "ms", 0, YEAR_MS, [
    "How long failed members are remembered, and the last 4,096 of them tried again. A longer time heals longer",
    "partitions and lists failed members longer.",
  ]),
  setting("tombstoneTimeoutMs", "ms", 0, YEAR_MS, ["How long members that left are listed."]),
  setting("recentIntentTimeoutMs", "ms", 0, HOUR_MS, ["How long intents about unknown members are kept."]),
  setting("eventBuffer", "count", 1, 65_536, [
    "How many Lamport times of user events are remembered, to recognise duplicates and to replay events to a newcomer.",
    "All nodes should have the same value.",
  ]),
  setting("queryBuffer", "count", 1, 65_536, [
    "How many Lamport times of queries are remembered. All nodes should have the same value.",
  ]),
  setting("queryTimeoutMult", "count", 1, 1024, [
    "The factor in a query's default timeout: gossip interval x factor x ceil(log10(n + 1)).",
  ]),
  setting("queryBytesMax", "bytes", 64, 65_507, [
    "The longest query, encoded. A query is never longer than a packet can carry.",
  ]),
  setting("queryResponseBytesMax", "bytes", 64, 65_507, [
    "The longest answer, encoded. An answer is never longer than a packet can carry.",
  ]),
  setting("userEventBytesMax", "bytes", 64, USER_EVENT_BYTES_LIMIT, [
    "The longest user event, both name plus payload and encoded. An event is never longer than a packet can carry.",
    "Longer events leave less room for others.",
  ]),
  setting("filterWorkMax", "count", 256, 1_048_576, [
    "Burst of work on the expressions of tag filters: states times characters, plus 32 for each state that is built.",
    "The queries of one member may use half of it. The budget refills eight times a second, a member's share four",
    "times. A higher value lets longer expressions match and blocks the event loop longer: 10,000 take about 1 ms.",
  ]),
];

function setting(
  key: SerfNumber,
  unit: SerfSetting["unit"],
  min: number,
  max: number,
  tradeOff: readonly string[],
): SerfSetting {
  return { key, unit, default: SERF_DEFAULTS[key], min, max, tradeOff: tradeOff.join(" ") };
}
