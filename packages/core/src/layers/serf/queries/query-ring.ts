import type { LTime } from "../wire/ltime.ts";

/** Queries of one Lamport time that are remembered; further ones of it are not heard. */
export const QUERIES_PER_TIME_MAX = 1024;

/** What became of a query that was offered. */
export type QueryVerdict = "fresh" | "duplicate" | "too-old";

/** The queries of the last Lamport times, by which each is heard once (docs/protocol/serf.md, section 11.2). */
export class QueryRing {
  readonly #slots: ({ lTime: LTime; readonly ids: Set<number> } | null)[];
  /** Queries of earlier times are not wanted. */
  minTime: LTime = 0;

  constructor(size: number) {
    this.#slots = new Array<{ lTime: LTime; readonly ids: Set<number> } | null>(size).fill(null);
  }

  /** Remembers a query unless it is known or its time is over. `clock` has witnessed its time. */
  offer(lTime: LTime, id: number, clock: LTime): QueryVerdict {
    const size = this.#slots.length;
    if (lTime < this.minTime || (clock > size && lTime < clock - size)) return "too-old";
    const index = lTime % size;
    const slot = this.#slots[index] ?? null;
    if (slot === null || slot.lTime !== lTime) {
      this.#slots[index] = { lTime, ids: new Set([id]) };
      return "fresh";
    }
    if (slot.ids.has(id) || slot.ids.size >= QUERIES_PER_TIME_MAX) return "duplicate";
    slot.ids.add(id);
    return "fresh";
  }
}
