/**
 * The application's running asynchronous handlers, so that the node's end can wait for them
 * (docs/design/decisions/0005-endings.md).
 */
export class HandlersAtWork {
  /** `handlersCut`: handlers that were still running when the wait ended. */
  readonly counters: { handlersCut: number } = { handlersCut: 0 };
  #count = 0;
  /** Callbacks of handlers that want to know when they are given up. */
  readonly #onGivenUp = new Set<() => void>();
  #isAccepting = true;
  #settle: () => void = () => {};
  /** Settles when no new handlers are accepted and all accepted ones have ended or been given up. */
  readonly over: Promise<void> = new Promise((resolve) => {
    this.#settle = resolve;
  });

  /** Number of running handlers. */
  get count(): number {
    return this.#count;
  }

  /** Whether this node accepts new work. It doesn't once it leaves. */
  get isAccepting(): boolean {
    return this.#isAccepting;
  }

  /**
   * A handler begins; `givenUp` is called if it is given up. Returns the function to call when it has ended; further
   * calls do nothing.
   */
  begin(givenUp?: () => void): () => void {
    // Handlers that begin while the node leaves are not waited for: new ones could keep it waiting for ever.
    if (!this.#isAccepting) return () => {};
    this.#count++;
    if (givenUp !== undefined) this.#onGivenUp.add(givenUp);
    let hasEnded = false;
    return () => {
      // Handlers that were given up are not counted any more.
      if (hasEnded || this.#count === 0) return;
      hasEnded = true;
      if (givenUp !== undefined) this.#onGivenUp.delete(givenUp);
      this.#count--;
      if (this.#count === 0 && !this.#isAccepting) this.#settle();
    };
  }

  /** Counts a handler while its promise is pending. */
  watch(work: Promise<unknown>): void {
    const done = this.begin();
    work.then(done, done);
  }

  /** Accepts no new handlers from now on. */
  close(): void {
    this.#isAccepting = false;
    if (this.#count === 0) this.#settle();
  }

  /** Gives up the handlers that are still running. Returns their number. */
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
