/**
 * How long, in milliseconds, a node without other members keeps application rumors: at least this, which is enough for
 * a first join, and at most twice this. News is for present members; members that come later do not get it.
 */
const ORPHAN_MS = 30_000;

/** Decides which rumors have waited too long for a member to receive them. */
export class OrphanExpiry {
  /** Start of the current period without receivers, as seen by ticks with rumors; `Infinity` if there are receivers. */
  #since: number = Number.POSITIVE_INFINITY;
  /** The id of the newest rumor at that time. */
  #lastIdThen = 0;

  /** Handles a tick. Rumors up to the returned id have waited too long; 0 for none. `lastId` is the newest id. */
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
