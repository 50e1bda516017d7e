import type { SerfCounters } from "../serf-counters.ts";
import type { LTime } from "../wire/ltime.ts";

/** Limit on the unknown members whose last intent is remembered; the oldest is dropped first. */
export const RECENT_INTENTS_MAX = 8192;

/** An intent about a member that is not known yet. */
export interface RecentIntent {
  readonly isLeave: boolean;
  readonly lTime: LTime;
  readonly at: number;
}

/** Intents that arrived before the member that they are about (docs/protocol/serf.md, section 7). */
export class RecentIntents {
  readonly #counters: SerfCounters;
  readonly #intents = new Map<string, RecentIntent>();

  constructor(counters: SerfCounters) {
    this.#counters = counters;
  }

  get size(): number {
    return this.#intents.size;
  }

  get(name: string): RecentIntent | undefined {
    return this.#intents.get(name);
  }

  /** Remembers an intent unless one at least as recent is known. Returns whether it was news. */
  upsert(name: string, intent: RecentIntent): boolean {
    const known = this.#intents.get(name);
    if (known !== undefined && intent.lTime <= known.lTime) return false;
    // Deleted first, so that the map stays ordered by age.
    this.#intents.delete(name);
    this.#intents.set(name, intent);
    if (this.#intents.size > RECENT_INTENTS_MAX) {
      for (const oldest of this.#intents.keys()) {
        this.#intents.delete(oldest);
        this.#counters.recentIntentsDropped++;
        break;
      }
    }
    return true;
  }

  /** Forgets intents that arrived before `before`. */
  expire(before: number): void {
    for (const [name, { at }] of this.#intents) {
      if (at >= before) return;
      this.#intents.delete(name);
    }
  }
}
