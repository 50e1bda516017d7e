import type { LayerHost } from "../layer-host.ts";
import type { LamportClock } from "./lamport-clock.ts";
import type { SerfConfig } from "./serf-config.ts";
import type { SerfCounters } from "./serf-counters.ts";
import type { SerfEvent } from "./serf-event.ts";
import type { SerfDecoder } from "./wire/decode.ts";

/** Dependencies of every part of Serf. */
export interface SerfParts {
  readonly host: LayerHost<SerfEvent>;
  readonly config: SerfConfig;
  readonly counters: SerfCounters;
  readonly decoder: SerfDecoder;
  /** The three clocks (docs/protocol/serf.md, section 5). */
  readonly memberClock: LamportClock;
  readonly eventClock: LamportClock;
  readonly queryClock: LamportClock;
}

/** First characters of the subjects of Serf's broadcasts. */
export const INTENT_SUBJECT = "i";
export const EVENT_SUBJECT = "e";
export const QUERY_SUBJECT = "q";
