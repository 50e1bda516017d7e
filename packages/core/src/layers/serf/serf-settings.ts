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
    "Longest wait for an intent to leave, and the goodbye after it, to have been told. Longer survives loss, and leaving",
    "takes longer where many packets are lost.",
  ]),
  setting("leavePropagateDelayMs", "ms", 0, HOUR_MS, [
    "How long a node that has said goodbye goes on answering. Longer lets slow nodes hear of it from the node itself.",
  ]),
  setting("reapIntervalMs", "ms", 100, HOUR_MS, ["How often members are looked for that may be forgotten."]),
  setting("reconnectTimeoutMs", "ms", 0, YEAR_MS, [
    "How long failed members are remembered, and the last 4,096 of them looked for. Longer heals longer partitions and",
    "lists dead nodes longer.",
  ]),
  setting("tombstoneTimeoutMs", "ms", 0, YEAR_MS, ["How long members that left are listed."]),
  setting("recentIntentTimeoutMs", "ms", 0, HOUR_MS, ["How long intents about members not known yet are kept."]),
  setting("eventBuffer", "count", 1, 65_536, [
    "Lamport times of user events that are remembered: what tells repetitions from news, and what a newcomer can have",
    "replayed. All nodes should have the same.",
  ]),
  setting("queryBuffer", "count", 1, 65_536, ["The same for queries."]),
  setting("queryTimeoutMult", "count", 1, 1024, [
    "Factor of a query's default timeout: gossip interval x this x ceil(log10(n + 1)).",
  ]),
  setting("queryBytesMax", "bytes", 64, 65_507, ["Longest query, encoded; never more than a packet carries."]),
  setting("queryResponseBytesMax", "bytes", 64, 65_507, ["Longest answer, encoded; never more than a packet carries."]),
  setting("userEventBytesMax", "bytes", 64, USER_EVENT_BYTES_LIMIT, [
    "Longest user event, name and payload, encoded; never more than a packet carries. Longer events take the room of",
    "others.",
  ]),
  setting("filterWorkMax", "count", 256, 1_048_576, [
    "Work on the expressions of tag filters in one go: states times characters, and 32 for each state that is built;",
    "half of it for the queries of one member. It comes back eight times a second, a member's part four times. More lets",
    "longer expressions match, and holds the loop for longer: 10,000 are about 1 ms.",
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
