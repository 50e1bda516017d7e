/**
 * Limits how many jobs run concurrently. The others wait in the order of arrival, for as long as their results are
 * wanted.
 */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Jobs that wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Runs a job. Resolves with null, without running it, if `unwanted` is aborted before its turn. */
  async run<T>(work: () => Promise<T>, unwanted: AbortSignal): Promise<T | null> {
    if (this.#free > 0) this.#free--;
    else if (!(await this.#turn(unwanted))) return null;
    try {
      return unwanted.aborted ? null : await work();
    } finally {
      this.#handOn();
    }
  }

  /** Resolves to whether a turn came before `unwanted` was aborted. */
  #turn(unwanted: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = (): void => {
        if (this.#waiting.delete(take)) resolve(false);
      };
      const take = (): void => {
        unwanted.removeEventListener("abort", giveUp);
        resolve(true);
      };
      if (unwanted.aborted) {
        resolve(false);
        return;
      }
      this.#waiting.add(take);
      unwanted.addEventListener("abort", giveUp, { once: true });
    });
  }

  #handOn(): void {
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      next();
      return;
    }
    this.#free++;
  }
}
