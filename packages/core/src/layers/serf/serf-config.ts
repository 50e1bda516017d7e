import { EVENT_SLOTS } from "./wire/limits.ts";

/** Serf's settings, with Serf's own defaults (docs/protocol/serf.md, section 19). */
export interface SerfConfig {
  /** Longest wait until the leave intent, and membership's leave after it, have been gossiped. @defaultValue 5000 */
  readonly broadcastTimeoutMs: number;
  /** How long a node keeps answering after its leave has been gossiped, so that the news spreads. @defaultValue 1000 */
  readonly leavePropagateDelayMs: number;
  /** Time between two searches for members to forget. @defaultValue 15000 */
  readonly reapIntervalMs: number;
  /** How long failed members are remembered. @defaultValue 86400000 */
  readonly reconnectTimeoutMs: number;
  /** How long members that left are remembered. @defaultValue 86400000 */
  readonly tombstoneTimeoutMs: number;
  /** How long intents about unknown members are kept. @defaultValue 300000 */
  readonly recentIntentTimeoutMs: number;
  /** Lamport times of user events that are remembered. All nodes of a pool should agree. @defaultValue 512 */
  readonly eventBuffer: number;
  /** Lamport times of queries that are remembered. @defaultValue 512 */
  readonly queryBuffer: number;
  /** Factor of a query's default timeout: gossip interval x mult x ceil(log10(n + 1)). @defaultValue 16 */
  readonly queryTimeoutMult: number;
  /** Bytes of the longest query, encoded. @defaultValue 1024 */
  readonly queryBytesMax: number;
  /** Bytes of the longest answer, encoded. @defaultValue 1024 */
  readonly queryResponseBytesMax: number;
  /** Bytes of the longest user event, both name plus payload and encoded. At most 9216. @defaultValue 512 */
  readonly userEventBytesMax: number;
  /**
   * Burst of work on the expressions of tag filters, in units of one state and one character; one member's queries may
   * use half of it. The budget refills eight times a second, a member's share four times.
   * @defaultValue 32768
   */
  readonly filterWorkMax: number;
  /** Whether the other members decide who keeps a name that two nodes claim. @defaultValue true */
  readonly conflictVote: boolean;
  /** Whether to measure network coordinates. @defaultValue true */
  readonly coordinates: boolean;
}

/** The longest user event that may be configured (section 10). */
export const USER_EVENT_BYTES_LIMIT = 9216;

const DAY_MS = 24 * 3_600_000;

/** Serf's defaults. */
export const SERF_DEFAULTS: SerfConfig = {
  broadcastTimeoutMs: 5000,
  leavePropagateDelayMs: 1000,
  reapIntervalMs: 15_000,
  reconnectTimeoutMs: DAY_MS,
  tombstoneTimeoutMs: DAY_MS,
  recentIntentTimeoutMs: 300_000,
  eventBuffer: EVENT_SLOTS,
  queryBuffer: 512,
  queryTimeoutMult: 16,
  queryBytesMax: 1024,
  queryResponseBytesMax: 1024,
  userEventBytesMax: 512,
  filterWorkMax: 32_768,
  conflictVote: true,
  coordinates: true,
};
