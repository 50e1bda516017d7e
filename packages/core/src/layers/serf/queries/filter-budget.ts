import { TokenBucket } from "../../../dissemination/token-bucket.ts";
import { hashName } from "../../../membership/slot-index.ts";

/** The share of the whole burst that one member may use. */
const MEMBER_SHARE = 1 / 2;

/** How many times a second the burst refills: that of all members together, and that of one member. */
const REFILLS_PER_SECOND = 8;
const MEMBER_REFILLS_PER_SECOND = 4;

/** Buckets for single members. The number is fixed, since an asking node may make up any number of names. */
const MEMBER_BUCKETS = 256;

/**
 * Limits the work on the expressions in tag filters: in all, and for each asking member. An expression of a few bytes
 * can cause any amount of work, and a query is relayed whether or not it matches here.
 *
 * The unit is the cost of one state of an expression for one character. The caller provides the time, so that the same
 * queries at the same times get the same answers.
 */
export class FilterBudget {
  readonly #burst: number;
  readonly #members: (TokenBucket | undefined)[] = [];
  #all: TokenBucket | null = null;

  constructor(burst: number) {
    this.#burst = burst;
  }

  /** Takes the cost of work on a member's query. Returns false, and takes nothing, if it exceeds the budget. */
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
