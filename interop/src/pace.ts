import type { TimingOptions } from "hearsay";
import type { PeerOverrides } from "./go-peer.ts";

/** Settings that both sides of a mixed cluster get alike, in memberlist's meaning, in milliseconds and counts. */
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

/** The intervals of a run, and its time limits. */
export interface Pace {
  readonly name: "ci" | "full";
  readonly timings: Timings;
  /** Freeze of a process that must be suspected but not declared dead. */
  readonly freezeShortMs: number;
  /** Freeze of a process that must be declared dead but not forgotten. */
  readonly freezeLongMs: number;
  /** Limit for conditions that take a few gossip intervals or one push/pull. */
  readonly spreadLimitMs: number;
  /** Limit for conditions that take a whole suspicion. */
  readonly detectLimitMs: number;
  /** Limit for a whole case, if one of its steps never ends. */
  readonly caseLimitMs: number;
}

/**
 * Short intervals for gossip and push/pull, so that a case takes seconds. Probes and streams have the timeouts of the
 * LAN profile: shorter ones would cause suspicions on a busy machine that have nothing to do with the protocol.
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

/** The timings as options of the Go peer. */
export function peerOverrides(timings: Timings): PeerOverrides {
  const { streamTimeoutMs, ...same } = timings;
  return { ...same, tcpTimeoutMs: streamTimeoutMs };
}

/** The timings as options of Hearsay. */
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
