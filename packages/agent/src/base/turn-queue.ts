interface Job {
  readonly work: number;
  readonly run: () => void;
}

/**
 * Spreads jobs over the turns of the event loop: each turn does a limited amount of work, in the order of arrival. A
 * job that a job adds goes behind all waiting ones.
 */
export class TurnQueue {
  readonly #soon: (fn: () => void) => void;
  readonly #workMax: number;
  readonly #waiting: Job[] = [];

  /** `soon` calls its argument in the next turn. A job that begins below `workMax` may end above it. */
  constructor(soon: (fn: () => void) => void, workMax: number) {
    this.#soon = soon;
    this.#workMax = workMax;
  }

  /** Runs a job in one of the next turns. `work` has the unit of `workMax`. */
  run(work: number, run: () => void): void {
    this.#waiting.push({ work, run });
    if (this.#waiting.length === 1) this.#soon(() => this.#turn());
  }

  /** Resolves when this much work may be done. */
  next(work: number): Promise<void> {
    return new Promise((resolve) => this.run(work, resolve));
  }

  #turn(): void {
    let left = this.#workMax;
    for (let job = this.#waiting[0]; job !== undefined && left > 0; job = this.#waiting[0]) {
      left -= job.work;
      job.run();
      this.#waiting.shift();
    }
    if (this.#waiting.length > 0) this.#soon(() => this.#turn());
  }
}
