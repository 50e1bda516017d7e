/**
 * The protocol's settings: one table that defines defaults, bounds, validation and documentation.
 *
 * The presets have memberlist's values (docs/protocol/memberlist.md, section 23) where memberlist has the setting,
 * except `deadNodeReclaimMs`, which memberlist switches off.
 */

/** Named sets of defaults: one network, networks far apart, one machine. */
export type Preset = "lan" | "wan" | "local";

/** All settings of the protocol, in milliseconds and counts. All nodes of a pool should have the same values. */
export interface SwimConfig {
  /** Time between two probes. @defaultValue 1000 */
  readonly probeIntervalMs: number;
  /** How long to wait for a direct ack before indirect pings. @defaultValue 500 */
  readonly probeTimeoutMs: number;
  /** How many members to ask for an indirect ping. @defaultValue 3 */
  readonly indirectChecks: number;
  /** Factor of the least suspicion timeout: mult x max(1, log10 n) x probe interval. @defaultValue 4 */
  readonly suspicionMult: number;
  /** Factor from the least suspicion timeout to the timeout without confirmations. @defaultValue 6 */
  readonly suspicionMaxTimeoutMult: number;
  /** If above 0, every suspicion lasts this long, and `suspicionMult` is not used. @defaultValue 0 */
  readonly suspicionTimeoutMs: number;
  /** Exclusive upper bound of the local health score; probes take score + 1 times as long. @defaultValue 8 */
  readonly awarenessMaxMult: number;
  /** Time between two gossip ticks. @defaultValue 200 */
  readonly gossipIntervalMs: number;
  /** Members that each tick sends to. @defaultValue 3 */
  readonly gossipNodes: number;
  /** How long failed members still get gossip, so that they can refute; then they are reaped. @defaultValue 30000 */
  readonly gossipToTheDeadMs: number;
  /** Factor of a rumor's transmissions: mult x ceil(log10(n + 1)). @defaultValue 4 */
  readonly retransmitMult: number;
  /** Time between two full state exchanges in a pool of up to 32; larger pools wait longer. @defaultValue 30000 */
  readonly pushPullIntervalMs: number;
  /** Time limit of a stream: for connecting, and then for each direction. @defaultValue 10000 */
  readonly streamTimeoutMs: number;
  /** Time after which another address may take over the name of a failed member. @defaultValue 10000 */
  readonly deadNodeReclaimMs: number;
  /** Most packets a second for passing news on at once. With 0, all news waits for ticks. @defaultValue 200 */
  readonly eagerPacketsPerSecond: number;
  /** Largest burst of such packets. @defaultValue 64 */
  readonly eagerBurst: number;
  /** Targets that one join dials at the same time. @defaultValue 16 */
  readonly joinParallel: number;
  /** Longest time between two attempts to reach a lost part of the pool. @defaultValue 30000 */
  readonly healIntervalMs: number;
  /** Members a view can hold; further ones are refused and counted. @defaultValue 65536 */
  readonly membersMax: number;
  /** Rumors the store can hold; it drops the most transmitted of the least urgent class first. @defaultValue 16384 */
  readonly rumorsMax: number;
}

/** One row of the table. */
export interface Setting {
  readonly key: keyof SwimConfig;
  readonly unit: "ms" | "count" | "per second";
  readonly lan: number;
  readonly wan: number;
  readonly local: number;
  readonly min: number;
  readonly max: number;
  /** What a higher or lower value gains, and what it costs. */
  readonly tradeOff: string;
}

const HOUR_MS = 3_600_000;

/** Every setting with its presets, bounds (both inclusive) and trade-off. */
export const SETTINGS: readonly Setting[] = [
  {
    key: "probeIntervalMs",
    unit: "ms",
    lan: 1000,
    wan: 5000,
    local: 1000,
    min: 0,
    max: HOUR_MS,
    tradeOff:
      "A shorter interval detects failures sooner, for two packets per node and interval; 0 switches probing off.",
  },
  {
    key: "probeTimeoutMs",
    unit: "ms",
    lan: 500,
    wan: 3000,
    local: 200,
    min: 1,
    max: HOUR_MS,
    tradeOff:
      "Set it near the 99th percentile of round trips; lower asks helpers needlessly, higher detects failures later.",
  },
  {
    key: "indirectChecks",
    unit: "count",
    lan: 3,
    wan: 3,
    local: 1,
    min: 0,
    max: 32,
    tradeOff: "More helpers tolerate more broken paths and cost four packets each per failed probe.",
  },
  {
    key: "suspicionMult",
    unit: "count",
    lan: 4,
    wan: 6,
    local: 3,
    min: 1,
    max: 64,
    tradeOff: "A higher value gives suspects more time to refute and delays the news of real failures.",
  },
  {
    key: "suspicionMaxTimeoutMult",
    unit: "count",
    lan: 6,
    wan: 6,
    local: 6,
    min: 1,
    max: 64,
    tradeOff:
      "Higher values wait longer on a lone accuser; `suspicionMult` - 2 confirmations reduce the wait to the minimum.",
  },
  {
    key: "suspicionTimeoutMs",
    unit: "ms",
    lan: 0,
    wan: 0,
    local: 0,
    min: 0,
    max: HOUR_MS,
    tradeOff:
      "A fixed time, from the first accusation that a node hears, whatever the size of the pool and whoever confirms it. " +
      "In a large pool, a short one leaves little time for a refutation. 0 computes the time by `suspicionMult`.",
  },
  {
    key: "awarenessMaxMult",
    unit: "count",
    lan: 8,
    wan: 8,
    local: 8,
    min: 1,
    max: 64,
    tradeOff: "A higher value lets an unhealthy node probe more slowly; 1 switches local health off.",
  },
  {
    key: "gossipIntervalMs",
    unit: "ms",
    lan: 200,
    wan: 500,
    local: 100,
    min: 0,
    max: HOUR_MS,
    tradeOff:
      "Shorter intervals spread news faster, with up to `gossipNodes` x 1400 bytes each; 0 leaves only piggybacking.",
  },
  {
    key: "gossipNodes",
    unit: "count",
    lan: 3,
    wan: 4,
    local: 3,
    min: 0,
    max: 64,
    tradeOff: "More targets spread news in fewer ticks and cost one packet each per tick.",
  },
  {
    key: "gossipToTheDeadMs",
    unit: "ms",
    lan: 30_000,
    wan: 60_000,
    local: 15_000,
    min: 0,
    max: 24 * HOUR_MS,
    tradeOff:
      "How long a paused node can learn that it was declared failed. Longer keeps failed members in the table longer.",
  },
  {
    key: "retransmitMult",
    unit: "count",
    lan: 4,
    wan: 4,
    local: 2,
    min: 1,
    max: 64,
    tradeOff: "A higher value makes missed rumors rarer and each rumor more expensive; push/pull repairs the rest.",
  },
  {
    key: "pushPullIntervalMs",
    unit: "ms",
    lan: 30_000,
    wan: 60_000,
    local: 15_000,
    min: 0,
    max: 24 * HOUR_MS,
    tradeOff: "A shorter interval repairs misses sooner, at the cost of whole states over streams; 0 switches it off.",
  },
  {
    key: "streamTimeoutMs",
    unit: "ms",
    lan: 10_000,
    wan: 30_000,
    local: 1000,
    min: 1,
    max: HOUR_MS,
    tradeOff: "A longer timeout tolerates slower peers and holds connections longer.",
  },
  {
    key: "deadNodeReclaimMs",
    unit: "ms",
    lan: 10_000,
    wan: 10_000,
    local: 10_000,
    min: 0,
    max: 24 * HOUR_MS,
    tradeOff:
      "A shorter time gives a failed member's name to a restarted pod sooner; 0 never gives it to another address.",
  },
  {
    key: "eagerPacketsPerSecond",
    unit: "per second",
    lan: 200,
    wan: 200,
    local: 200,
    min: 0,
    max: 100_000,
    tradeOff: "A higher rate keeps more news in the eager lane under load; 0 makes all news wait for gossip ticks.",
  },
  {
    key: "eagerBurst",
    unit: "count",
    lan: 64,
    wan: 64,
    local: 64,
    min: 0,
    max: 10_000,
    tradeOff: "A higher value absorbs larger bursts of news at once.",
  },
  {
    key: "joinParallel",
    unit: "count",
    lan: 16,
    wan: 16,
    local: 16,
    min: 1,
    max: 1024,
    tradeOff: "A higher value gets past more unreachable addresses in the same time, with as many connections.",
  },
  {
    key: "healIntervalMs",
    unit: "ms",
    lan: 30_000,
    wan: 60_000,
    local: 15_000,
    min: 100,
    max: HOUR_MS,
    tradeOff: "A shorter interval detects a healed network sooner, at the cost of a few pings.",
  },
  {
    key: "membersMax",
    unit: "count",
    lan: 65_536,
    wan: 65_536,
    local: 65_536,
    min: 1,
    max: 1_048_576,
    tradeOff: "A higher value admits larger pools; a hostile member can make each node hold about 1 KiB per entry.",
  },
  {
    key: "rumorsMax",
    unit: "count",
    lan: 16_384,
    wan: 16_384,
    local: 16_384,
    min: 16,
    max: 1_048_576,
    tradeOff: "A higher value keeps rumors through larger bursts; a lower value bounds memory.",
  },
];

/**
 * Settings that the core reads at each use, so that they may change while a node runs. A tick takes a new interval when
 * it is next due; an interval of 0 stays 0.
 */
export const LIVE_SETTINGS: readonly (keyof SwimConfig)[] = [
  "probeIntervalMs",
  "probeTimeoutMs",
  "indirectChecks",
  "suspicionMult",
  "suspicionMaxTimeoutMult",
  "suspicionTimeoutMs",
  "gossipIntervalMs",
  "gossipNodes",
  "gossipToTheDeadMs",
  "retransmitMult",
  "pushPullIntervalMs",
];

/** The values of a preset, frozen. */
export function presetConfig(preset: Preset): SwimConfig {
  const config: Partial<Record<keyof SwimConfig, number>> = {};
  for (const setting of SETTINGS) config[setting.key] = setting[preset];
  return Object.freeze(config) as SwimConfig;
}

/** One fault of a configuration: the key, its value, and the allowed values. */
export interface ConfigFault {
  readonly key: string;
  readonly value: unknown;
  readonly allowed: string;
}

/** Applies `overrides` to a preset. Returns the configuration, or all faults. */
export function resolveConfig(
  preset: Preset,
  overrides: Partial<SwimConfig> = {},
): SwimConfig | readonly ConfigFault[] {
  const config: Record<keyof SwimConfig, number> = { ...presetConfig(preset) };
  const faults: ConfigFault[] = [];
  const byKey = new Map<string, Setting>(SETTINGS.map((setting) => [setting.key, setting]));
  for (const [key, value] of Object.entries(overrides)) {
    if (value === undefined) continue;
    const setting = byKey.get(key);
    if (setting === undefined) {
      faults.push({ key, value, allowed: `one of ${SETTINGS.map((known) => known.key).join(", ")}` });
    } else if (!isWithin(value, setting)) {
      faults.push({ key, value, allowed: `${wholeness(setting)} from ${setting.min} to ${setting.max}` });
    } else {
      config[setting.key] = value;
    }
  }
  const conflict = suspicionConflict(overrides);
  if (conflict !== null) faults.push(conflict);
  return faults.length > 0 ? faults : Object.freeze(config);
}

/** The fault of settings that fix the time of a suspicion and compute it as well; null if they don't. */
export function suspicionConflict(given: Partial<SwimConfig>): ConfigFault | null {
  const { suspicionTimeoutMs = 0, suspicionMult, suspicionMaxTimeoutMult } = given;
  if (suspicionTimeoutMs === 0 || (suspicionMult ?? suspicionMaxTimeoutMult) === undefined) return null;
  const allowed = "0, or no suspicionMult and no suspicionMaxTimeoutMult beside it";
  return { key: "suspicionTimeoutMs", value: suspicionTimeoutMs, allowed };
}

function isWithin(value: unknown, setting: Setting): boolean {
  if (typeof value !== "number" || !(value >= setting.min && value <= setting.max)) return false;
  return setting.unit !== "count" || Number.isInteger(value);
}

function wholeness(setting: Setting): string {
  return setting.unit === "count" ? "a whole number" : "a number";
}
