/**
 * The protocol that the state machines follow. Users run `hearsay`. The other two are internal: with them, test
 * vectors and comparisons with the papers run on the same classes.
 */
export type RulesName = "hearsay" | "memberlist" | "swim";

/** The differences between the protocols, one switch for each. */
export interface Rules {
  /** Round robin over a shuffled list bounds the time to the first probe; a random draw is SWIM's first version. */
  readonly probeOrder: "round-robin" | "random";
  /** What a failed probe leads to. `count` only counts it, for measuring the raw failure rate. */
  readonly verdict: "suspect" | "dead" | "count";
  /** Lifeguard's local health: the score stretches probes, missed nacks raise it. */
  readonly localHealth: boolean;
  /** Lifeguard's suspicion: it starts long and shortens as others confirm it. */
  readonly confirmations: boolean;
  /** Lifeguard's buddy system: a ping to a suspect tells it of the suspicion. */
  readonly buddy: boolean;
  /** Each period runs from 0.9 to 1.1 of its interval, so that nodes started together drift apart. */
  readonly jitter: boolean;
  /** A slow probe doesn't hold up the next one. */
  readonly overlappingProbes: boolean;
  /** On: the rumor store with guaranteed shares, and the eager lane. Off: the reference's queues. */
  readonly fairShares: boolean;
  /** The repairs of membership, sync and lateness that docs/design/decisions/0002-repairs.md lists. */
  readonly repairs: boolean;
}

/** The three protocols. */
export const RULES: Readonly<Record<RulesName, Rules>> = {
  hearsay: {
    probeOrder: "round-robin",
    verdict: "suspect",
    localHealth: true,
    confirmations: true,
    buddy: true,
    jitter: true,
    overlappingProbes: true,
    fairShares: true,
    repairs: true,
  },
  memberlist: {
    probeOrder: "round-robin",
    verdict: "suspect",
    localHealth: true,
    confirmations: true,
    buddy: true,
    jitter: false,
    overlappingProbes: false,
    fairShares: false,
    repairs: false,
  },
  swim: {
    probeOrder: "random",
    verdict: "suspect",
    localHealth: false,
    confirmations: false,
    buddy: false,
    jitter: false,
    overlappingProbes: false,
    fairShares: false,
    repairs: false,
  },
};
