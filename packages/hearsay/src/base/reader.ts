/** Why a reader gets a snapshot: it has started, or it fell behind and missed items. */
export type SnapshotReason = "start" | "overflow";

/** What happens when a reader's queue is full, and the default length of the queue. */
export type AtBound<S> =
  /** The oldest item is dropped for the new one. */
  | { readonly atBound: "drop-oldest"; readonly queueMax: number; readonly dropped: () => void }
  /**
   * All waiting items are replaced by a snapshot, which is made when the reader takes it. Each reader starts with one.
   * `settled` calls `act` when a snapshot shows all items that were pushed and no other: now or later in the turn.
   */
  | {
      readonly atBound: "resnapshot";
      readonly queueMax: number;
      readonly snapshot: (reason: SnapshotReason) => S;
      readonly settled: (act: () => void) => void;
    }
  /** The queue has no bound: the number of items is bounded elsewhere. Each reader starts with all earlier items. */
  | { readonly atBound: "keep-all" };

/** What one reader works with. */
export interface ReaderParts<T, S> {
  readonly policy: AtBound<S>;
  /** Items that may wait. */
  readonly queueMax: number;
  /** Which items the reader gets; all if undefined. */
  readonly where: ((item: T) => boolean) | undefined;
  /** Called when the reader takes its first snapshot: from then on it needs the items. */
  readonly begin: () => void;
  /** Whether the reader's signal has been aborted. */
  readonly isAborted: () => boolean;
  /** Called once, when the reader accepts no more items. */
  readonly left: () => void;
}

/** One iteration of a feed: the items that wait for it, and the `next` calls that wait. Leaving its loop ends it. */
export class Reader<T extends NonNullable<unknown>, S extends NonNullable<unknown> = never>
  implements AsyncGenerator<T | S, undefined, undefined>
{
  readonly #parts: ReaderParts<T, S>;
  readonly #waiters: { resolve(result: IteratorResult<T | S, undefined>): void; reject(error: Error): void }[] = [];
  #items: T[] = [];
  #head = 0;
  /** The snapshot that is due before any item. */
  #due: SnapshotReason | null;
  #isEnded = false;
  #error: Error | null = null;

  constructor(parts: ReaderParts<T, S>) {
    this.#parts = parts;
    this.#due = parts.policy.atBound === "resnapshot" ? "start" : null;
  }

  /** Whether the reader has missed items and has not taken the new snapshot yet. */
  get isBehind(): boolean {
    return this.#due === "overflow";
  }

  push(item: T): void {
    const { policy, queueMax, where } = this.#parts;
    // A snapshot that is due will include the item's change.
    if (this.#isEnded || this.#due !== null || where?.(item) === false) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) return waiter.resolve({ done: false, value: item });
    if (this.#items.length - this.#head >= queueMax) {
      if (policy.atBound !== "drop-oldest") return this.#drop("overflow");
      this.#shift();
      policy.dropped();
    }
    this.#items.push(item);
  }

  /** No more items come. The reader still gets the waiting items, then the end, or the error once. */
  end(error: Error | null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#parts.left();
    this.#error = error;
    for (const waiter of this.#waiters.splice(0)) {
      if (this.#error === null) waiter.resolve(END);
      else waiter.reject(this.#error);
      this.#error = null;
    }
  }

  /** The signal was aborted. Waiting items are still read, unless the feed has snapshots: then they are dropped. */
  abort(): void {
    if (this.#parts.policy.atBound === "resnapshot") this.#drop(null);
    this.end(null);
  }

  next(): Promise<IteratorResult<T | S, undefined>> {
    const { policy } = this.#parts;
    if (this.#due === null || policy.atBound !== "resnapshot") return this.#next();
    return new Promise((resolve) => policy.settled(() => resolve(this.#next())));
  }

  /** Ends the reader: waiting items are dropped, and a waiting `next` ends. */
  return(): Promise<IteratorResult<T | S, undefined>> {
    this.#drop(null);
    this.end(null);
    this.#error = null;
    return Promise.resolve(END);
  }

  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #next(): Promise<IteratorResult<T | S, undefined>> {
    // Also after the end of the feed, while items wait.
    if (this.#parts.isAborted()) this.abort();
    const value = this.#take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (!this.#isEnded) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
    const error = this.#error;
    this.#error = null;
    return error === null ? Promise.resolve(END) : Promise.reject(error);
  }

  #take(): T | S | undefined {
    const { policy } = this.#parts;
    const due = this.#due;
    if (due === null || policy.atBound !== "resnapshot") return this.#shift();
    this.#due = null;
    if (due === "start") this.#parts.begin();
    return policy.snapshot(due);
  }

  #shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    // The rest is moved forward only now and then, so that taking stays cheap for queues of any length.
    if (2 * this.#head >= this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Drops the waiting items; `due` is the snapshot that replaces them, if any. */
  #drop(due: SnapshotReason | null): void {
    this.#items = [];
    this.#head = 0;
    this.#due = due;
  }
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };
