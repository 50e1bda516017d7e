import type { Below } from "../layer.ts";
import type { LamportClock } from "./lamport-clock.ts";
import type { SerfConfig } from "./serf-config.ts";
import type { SerfCounters } from "./serf-counters.ts";
import type { SerfDecoder } from "./wire/decode.ts";

/** What every part of Serf works with. */
export interface SerfParts {
  readonly below: Below;
  readonly config: SerfConfig;
  readonly counters: SerfCounters;
  readonly decoder: SerfDecoder;
  /** The three clocks (docs/protocol/serf.md, section 5). */
  readonly memberClock: LamportClock;
  readonly eventClock: LamportClock;
  readonly queryClock: LamportClock;
}

/**
 * Subjects of Serf's rumors begin with one of these. They share an index with the names of members, of which none from the
 * wire has two high surrogates in a row.
 */
export const INTENT_SUBJECT = "\uD800\uD801i";
export const EVENT_SUBJECT = "\uD800\uD801e";
export const QUERY_SUBJECT = "\uD800\uD801q";
