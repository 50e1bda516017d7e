import { below, type Random } from "../base/random.ts";
import type { MemberTable, Slot } from "./member-table.ts";

/** Members whose last notice is kept; the oldest notices are dropped first. */
export const NOTICES_MAX = 1024;

interface LastNotice {
  readonly incarnation: number;
  readonly atMs: number;
}

/**
 * Decides whether this node tells a restarted node that it is listed as failed or left. A node that restarts with a low
 * incarnation may never learn this. Some member must send it the accusation that it has to refute, but not every
 * member, and not repeatedly.
 */
export class DeadNotices {
  readonly #random: Random;
  readonly #table: MemberTable;
  readonly #intervalMs: number;
  readonly #last = new Map<Slot, LastNotice>();

  /** At most one notice for each incarnation and `intervalMs`. */
  constructor(table: MemberTable, random: Random, intervalMs: number) {
    this.#table = table;
    this.#random = random;
    this.#intervalMs = intervalMs;
  }

  /** Whether to send one now. News from the accused is answered at once; on other news, about three nodes send one. */
  isDue(slot: Slot, now: number, isFromAccused: boolean): boolean {
    const incarnation = this.#table.incarnation(slot);
    const last = this.#last.get(slot);
    if (last !== undefined && last.incarnation === incarnation && now - last.atMs < this.#intervalMs) return false;
    const n = Math.max(1, this.#table.size);
    if (!isFromAccused && below(this.#random, n) >= 3) return false;
    this.#last.delete(slot);
    this.#last.set(slot, { incarnation, atMs: now });
    if (this.#last.size > NOTICES_MAX) {
      for (const oldest of this.#last.keys()) {
        this.#last.delete(oldest);
        break;
      }
    }
    return true;
  }
}
