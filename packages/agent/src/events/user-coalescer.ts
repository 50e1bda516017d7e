import type { UserEvent } from "hearsay";
import { BatchTime, type CoalescePeriods } from "./coalescer.ts";

/** The most user events that are gathered; further ones are delivered at once. */
export const COALESCED_MAX = 4096;

/**
 * Gathers user events that allow it and delivers, for each name, those with the latest Lamport time: all of them if
 * several have it (docs/protocol/serf.md, section 16).
 */
export class UserCoalescer {
  readonly #time: BatchTime;
  readonly #latest = new Map<string, UserEvent[]>();
  #count = 0;

  constructor(periods: CoalescePeriods) {
    this.#time = new BatchTime(periods);
  }

  get dueAt(): number {
    return this.#time.dueAt;
  }

  /** Whether no more can be gathered. */
  get isFull(): boolean {
    return this.#count >= COALESCED_MAX;
  }

  add(now: number, event: UserEvent): void {
    const latest = this.#latest.get(event.name) ?? [];
    this.#time.grew(now);
    const newest = latest[0]?.lTime ?? -1;
    if (event.lTime < newest) return;
    if (event.lTime > newest) {
      this.#count -= latest.length;
      latest.length = 0;
    }
    latest.push(event);
    this.#count++;
    this.#latest.set(event.name, latest);
  }

  flush(): UserEvent[] {
    const events = [...this.#latest.values()].flat();
    this.#latest.clear();
    this.#count = 0;
    this.#time.ended();
    return events;
  }
}
