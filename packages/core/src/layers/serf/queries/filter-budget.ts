import { TokenBucket } from "../../../dissemination/token-bucket.ts";
import { hashName } from "../../../membership/slot-index.ts";

/** The part of what all may use in one go that one member may use. */
const MEMBER_SHARE = 1 / 2;

/** How many times a second all of it comes back: what all may use in one go, and what one member may. */
const REFILLS_PER_SECOND = 8;
const MEMBER_REFILLS_PER_SECOND = 4;

/** Parts of members that are told apart; whoever asks makes up its name, and may make up as many as it likes. */
const MEMBER_BUCKETS = 256;

/**
 * What the expressions in tag filters may cost this node: in all, and for each member that asks. An expression of a few
 * bytes can stand for any amount of work, and a query is passed on whether or not it matches here.
 *
 * The unit is what one state of an expression costs for one character. Time is the caller's, so that the same queries
 * at the same times have the same answers.
 */
export class FilterBudget {
  readonly #burst: number;
  readonly #members: (TokenBucket | undefined)[] = [];
  #all: TokenBucket | null = null;

  constructor(burst: number) {
    this.#burst = burst;
  }

  /** Takes what a piece of work on a member's query costs. False, and nothing is taken, if that is too much for now. */
  spend(now: number, member: string, work: number): boolean {
    this.#all ??= new TokenBucket(REFILLS_PER_SECOND * this.#burst, this.#burst, now);
    const index = hashName(member) % MEMBER_BUCKETS;
    const burst = MEMBER_SHARE * this.#burst;
    const own = this.#members[index] ?? new TokenBucket(MEMBER_REFILLS_PER_SECOND * burst, burst, now);
    this.#members[index] = own;
    if (!own.take(now, work)) return false;
    if (this.#all.take(now, work)) return true;
    own.put(work);
    return false;
  }
}
