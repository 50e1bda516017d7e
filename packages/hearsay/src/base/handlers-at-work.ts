/** The application's asynchronous handlers that are at work, so that an end can wait for them (docs/design/decisions/0005-endings.md). */
export class HandlersAtWork {
  /** `handlersCut`: those that the end did not wait for any longer. */
  readonly counters: { handlersCut: number } = { handlersCut: 0 };
  #count = 0;
  /** What is to be done for those that are given up, where something is. */
  readonly #onGivenUp = new Set<() => void>();
  #isAccepting = true;
  #settle: () => void = () => {};
  /** Settles when no more are taken, and those that were have ended or been given up. */
  readonly over: Promise<void> = new Promise((resolve) => {
    this.#settle = resolve;
  });

  /** How many are at work. */
  get count(): number {
    return this.#count;
  }

  /** Whether this node takes new work: it doesn't leave. */
  get isAccepting(): boolean {
    return this.#isAccepting;
  }

  /**
   * One begins; `givenUp` is called if it is not waited for any longer. Returns what is to be called when it has ended;
   * further calls do nothing.
   */
  begin(givenUp?: () => void): () => void {
    // What begins while the node leaves is not waited for: it could go on for ever.
    if (!this.#isAccepting) return () => {};
    this.#count++;
    if (givenUp !== undefined) this.#onGivenUp.add(givenUp);
    let hasEnded = false;
    return () => {
      // Those that were given up are counted no more.
      if (hasEnded || this.#count === 0) return;
      hasEnded = true;
      if (givenUp !== undefined) this.#onGivenUp.delete(givenUp);
      this.#count--;
      if (this.#count === 0 && !this.#isAccepting) this.#settle();
    };
  }

  /** Counts a handler's work for as long as it is pending. */
  watch(work: Promise<unknown>): void {
    const done = this.begin();
    work.then(done, done);
  }

  /** From now on no more are waited for. */
  close(): void {
    this.#isAccepting = false;
    if (this.#count === 0) this.#settle();
  }

  /** Gives up those that are still at work. Returns how many. */
  giveUp(): number {
    const cut = this.#count;
    this.#isAccepting = false;
    this.#count = 0;
    for (const givenUp of [...this.#onGivenUp]) givenUp();
    this.#onGivenUp.clear();
    this.counters.handlersCut += cut;
    this.#settle();
    return cut;
  }
}
