/**
 * How long, in milliseconds, a node that has nobody to talk to keeps what the application tells: long enough for a first
 * join, and at most twice this. News is for members that are there; whoever comes later gets none of it.
 */
const ORPHAN_MS = 30_000;

/** Decides which rumors have waited too long for somebody to be told. */
export class OrphanExpiry {
  /** Since when, as far as ticks with something to tell have shown, there has been nobody to tell. */
  #since: number = Number.POSITIVE_INFINITY;
  /** The last rumor at that time. */
  #lastIdThen = 0;

  /** A tick: the rumors up to the returned id have waited too long; 0 for none. `lastId` is the newest rumor's. */
  tick(now: number, isAlone: boolean, lastId: number): number {
    if (!isAlone) {
      this.#since = Number.POSITIVE_INFINITY;
      return 0;
    }
    const isFirst = this.#since === Number.POSITIVE_INFINITY;
    if (!isFirst && now - this.#since < ORPHAN_MS) return 0;
    const overdue = isFirst ? 0 : this.#lastIdThen;
    this.#since = now;
    this.#lastIdThen = lastId;
    return overdue;
  }
}
