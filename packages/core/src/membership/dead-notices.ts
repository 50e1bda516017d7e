import { below, type Random } from "../base/random.ts";
import type { MemberTable, Slot } from "./member-table.ts";

/** Members whose notices are remembered; the oldest go first. */
export const NOTICES_MAX = 1024;

interface LastNotice {
  readonly incarnation: number;
  readonly atMs: number;
}

/**
 * Decides who tells a restarted node of its old death. A node that comes back with a low incarnation is dead to the
 * others and may never hear why; someone must send it the accusation that it has to refute, but not everyone, and not
 * again and again.
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

  /** Whether to send one now. The accused itself is told at once; on hearsay, about three nodes of the pool do it. */
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
