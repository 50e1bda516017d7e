import { ALIVE_STATUS, DEAD_STATUS, LEFT_STATUS, type Status, SUSPECT_STATUS } from "./status.ts";

/** The largest incarnation that the wire can carry. */
export const INCARNATION_MAX = 0xffff_ffff;

/**
 * Evidence about another member whose incarnation is ahead by more than this is applied, but does not raise the stored
 * incarnation: one forged packet must not push a member to the maximum incarnation. A member that refutes once a second
 * takes half a year to advance by this much.
 */
export const PLAUSIBLE_STEP = 0x100_0000;

/**
 * Whether news changes the known state of a member: SWIM section 4.2 as memberlist has it (docs/protocol/memberlist.md,
 * 12.3 to 12.5), without the conditions on addresses and on this node itself.
 */
export function supersedes(known: Status, knownIncarnation: number, news: Status, incarnation: number): boolean {
  switch (news) {
    case ALIVE_STATUS:
      return incarnation > knownIncarnation;
    case SUSPECT_STATUS:
      return known === ALIVE_STATUS && incarnation >= knownIncarnation;
    case DEAD_STATUS:
    case LEFT_STATUS:
      return known !== DEAD_STATUS && known !== LEFT_STATUS && incarnation >= knownIncarnation;
  }
}

/** The incarnation to store after evidence. It never falls, and an implausible one leaves it unchanged. */
export function raisedIncarnation(known: number, evidence: number): number {
  return evidence > known && evidence - known <= PLAUSIBLE_STEP ? evidence : known;
}

/** The incarnation that refutes an accusation, or null if the accusation has the maximum incarnation (12.7). */
export function refutingIncarnation(own: number, accused: number): number | null {
  if (accused >= INCARNATION_MAX) return null;
  return Math.min(INCARNATION_MAX, Math.max(own, accused) + 1);
}
