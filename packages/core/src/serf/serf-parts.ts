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

/** Rumors of Serf and names of members share one index; no name from the wire has two high surrogates in a row. */
export const SUBJECT_PREFIX = "\uD800\uD801";
