/** How long events are gathered. */
export interface CoalescePeriods {
  /** Longest time from the first event of a batch to its delivery, in milliseconds. */
  readonly periodMs: number;
  /** A batch to which nothing was added for this long is delivered. */
  readonly quiescentMs: number;
}

/** The agent's periods (docs/protocol/serf.md, section 16). */
export const AGENT_PERIODS: CoalescePeriods = { periodMs: 3000, quiescentMs: 1000 };

/** When a growing batch must be delivered. The time is an argument. */
export class BatchTime {
  readonly #periods: CoalescePeriods;
  #firstAt = 0;
  /** When the batch falls due; infinite while there is none. */
  dueAt: number = Number.POSITIVE_INFINITY;

  constructor(periods: CoalescePeriods) {
    this.#periods = periods;
  }

  /** Records that something was added at `now`. */
  grew(now: number): void {
    if (this.dueAt === Number.POSITIVE_INFINITY) this.#firstAt = now;
    this.dueAt = Math.min(this.#firstAt + this.#periods.periodMs, now + this.#periods.quiescentMs);
  }

  /** Records that the batch was delivered. */
  ended(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
  }
}
