import type { TimingOptions } from "hearsay";
import type { PeerOverrides } from "./go-peer.ts";

/** Settings that both sides of a mixed cluster are given alike, in memberlist's meaning, in milliseconds and counts. */
export interface Timings {
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
  readonly gossipIntervalMs: number;
  readonly gossipToTheDeadMs: number;
  readonly pushPullIntervalMs: number;
  readonly streamTimeoutMs: number;
  readonly suspicionMult: number;
  readonly suspicionMaxTimeoutMult: number;
}

/** How fast a run goes, and how long it waits. */
export interface Pace {
  readonly name: "ci" | "full";
  readonly timings: Timings;
  /** How long a process is frozen that shall be suspected and not be declared dead. */
  readonly freezeShortMs: number;
  /** How long a process is frozen that shall be declared dead and not be forgotten. */
  readonly freezeLongMs: number;
  /** Limit of everything that takes a few gossip intervals or one push/pull. */
  readonly spreadLimitMs: number;
  /** Limit of everything that takes a whole suspicion. */
  readonly detectLimitMs: number;
  /** Limit of a whole case, in case one of its steps never ends. */
  readonly caseLimitMs: number;
}

/**
 * Gossip and push/pulls at short intervals, so that a case takes seconds. Probes and streams have the time of the LAN profile:
 * with less, a busy machine would bring about suspicions that say nothing of the protocol.
 */
export const CI: Pace = {
  name: "ci",
  timings: {
    probeIntervalMs: 1_000,
    probeTimeoutMs: 500,
    gossipIntervalMs: 60,
    gossipToTheDeadMs: 30_000,
    pushPullIntervalMs: 2_000,
    streamTimeoutMs: 10_000,
    suspicionMult: 4,
    suspicionMaxTimeoutMult: 6,
  },
  freezeShortMs: 2_000,
  freezeLongMs: 10_000,
  spreadLimitMs: 60_000,
  detectLimitMs: 120_000,
  caseLimitMs: 400_000,
};

/** memberlist's LAN profile (docs/protocol/memberlist.md, section 23). */
export const FULL: Pace = {
  name: "full",
  timings: {
    probeIntervalMs: 1_000,
    probeTimeoutMs: 500,
    gossipIntervalMs: 200,
    gossipToTheDeadMs: 30_000,
    pushPullIntervalMs: 30_000,
    streamTimeoutMs: 10_000,
    suspicionMult: 4,
    suspicionMaxTimeoutMult: 6,
  },
  freezeShortMs: 10_000,
  freezeLongMs: 45_000,
  spreadLimitMs: 60_000,
  detectLimitMs: 120_000,
  caseLimitMs: 400_000,
};

/** The timings in the words of the Go peer. */
export function peerOverrides(timings: Timings): PeerOverrides {
  const { streamTimeoutMs, ...same } = timings;
  return { ...same, tcpTimeoutMs: streamTimeoutMs };
}

/** The timings in the words of Hearsay. */
export function hearsayTimings(timings: Timings): TimingOptions {
  return {
    probeInterval: timings.probeIntervalMs,
    probeTimeout: timings.probeTimeoutMs,
    gossipInterval: timings.gossipIntervalMs,
    gossipToTheDead: timings.gossipToTheDeadMs,
    pushPullInterval: timings.pushPullIntervalMs,
    streamTimeout: timings.streamTimeoutMs,
    suspicionMult: timings.suspicionMult,
    suspicionMaxTimeoutMult: timings.suspicionMaxTimeoutMult,
  };
}
