/**
 * Lets so many do their work at a time; the others wait, in the order in which they came, for as long as somebody wants what
 * comes of it.
 */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Those that wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves with null, and nothing is done, if `unwanted` is aborted before it is this one's turn. */
  async run<T>(work: () => Promise<T>, unwanted: AbortSignal): Promise<T | null> {
    if (this.#free > 0) this.#free--;
    else if (!(await this.#turn(unwanted))) return null;
    try {
      return unwanted.aborted ? null : await work();
    } finally {
      this.#handOn();
    }
  }

  /** Whether a turn came before the work was unwanted. */
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
