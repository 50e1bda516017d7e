/**
 * Shares the turns of the event loop among jobs that work a slice at a time. The work per turn is bounded, whatever the
 * number of jobs, and slices run in the order in which they were requested.
 */
export class Turns {
  readonly #soon: (fn: () => void) => void;
  readonly #workMax: number;
  readonly #waiting: { readonly work: number; readonly run: () => void }[] = [];
  #left: number;
  #isArmed = false;

  /** `soon` calls its argument in the next turn. A slice that begins below `workMax` may end above it. */
  constructor(soon: (fn: () => void) => void, workMax: number) {
    this.#soon = soon;
    this.#workMax = workMax;
    this.#left = workMax;
  }

  /** Number of slices that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs a slice of work: at once if this turn has room and no slice waits, else in the first turn with room. */
  run(work: number, run: () => void): void {
    if (this.#left > 0 && this.#waiting.length === 0) {
      this.#left -= work;
      this.#arm();
      run();
      return;
    }
    this.#waiting.push({ work, run });
    this.#arm();
  }

  /** Resolves when a slice of work may be done. */
  next(work: number): Promise<void> {
    return new Promise((resolve) => this.run(work, resolve));
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#soon(() => {
      this.#isArmed = false;
      this.#left = this.#workMax;
      this.#goOn();
    });
  }

  #goOn(): void {
    // Slices that are requested during this loop go behind those that already wait.
    for (let count = this.#waiting.length; count > 0 && this.#left > 0; count--) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#left -= next.work;
      this.#arm();
      next.run();
    }
    if (this.#waiting.length > 0) this.#arm();
  }
}
