import type { LTime } from "../wire/ltime.ts";

/** Limit on the queries remembered for one Lamport time; further ones count as duplicates. */
export const QUERIES_PER_TIME_MAX = 1024;

/** The result of offering a query. */
export type QueryVerdict = "fresh" | "duplicate" | "too-old";

/** The queries of the last Lamport times, so that each is heard once (docs/protocol/serf.md, section 11.2). */
export class QueryRing {
  readonly #slots: ({ lTime: LTime; readonly ids: Set<number> } | null)[];
  /** Queries of earlier times are refused. */
  minTime: LTime = 0;

  constructor(size: number) {
    this.#slots = new Array<{ lTime: LTime; readonly ids: Set<number> } | null>(size).fill(null);
  }

  /** Remembers a query, unless it is known or too old. `clock` has already witnessed its time. */
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
