/** Why a reader gets a snapshot: it starts, or it fell behind and missed items. */
export type SnapshotReason = "start" | "overflow";

/** What happens at the bound of a reader's queue, and how long that is unless the reader says otherwise. */
export type AtBound<S> =
  /** The oldest item goes for the new one. */
  | { readonly atBound: "drop-oldest"; readonly queueMax: number; readonly dropped: () => void }
  /** All that waits goes for a snapshot, made when it is taken. Each reader starts with one. */
  | { readonly atBound: "resnapshot"; readonly queueMax: number; readonly snapshot: (reason: SnapshotReason) => S }
  /** Never: what is fed bounds itself. Each reader starts with all that came before it. */
  | { readonly atBound: "keep-all" };

/** How one reader reads. */
export interface ReaderParts<T, S> {
  readonly policy: AtBound<S>;
  /** Items that may wait. */
  readonly queueMax: number;
  /** Which items it gets; all, if undefined. */
  readonly where: ((item: T) => boolean) | undefined;
  /** Called when the snapshot is taken that it starts with, and only then: from here on it needs the items. */
  readonly begin: () => void;
  /** Whether its signal has been aborted. */
  readonly isAborted: () => boolean;
  /** Called once, when nothing more will be taken in. */
  readonly left: () => void;
}

/** One iteration of a feed: what waits for it, and who waits. Leaving the `for await` loop ends it. */
export class Reader<T extends NonNullable<unknown>, S extends NonNullable<unknown> = never>
  implements AsyncGenerator<T | S, undefined, undefined>
{
  readonly #parts: ReaderParts<T, S>;
  readonly #waiters: { resolve(result: IteratorResult<T | S, undefined>): void; reject(error: Error): void }[] = [];
  #items: T[] = [];
  #head = 0;
  /** The snapshot that comes before any item. */
  #due: SnapshotReason | null;
  #isEnded = false;
  #error: Error | null = null;

  constructor(parts: ReaderParts<T, S>) {
    this.#parts = parts;
    this.#due = parts.policy.atBound === "resnapshot" ? "start" : null;
  }

  /** Whether it has missed items and not yet taken the snapshot in their place. */
  get isBehind(): boolean {
    return this.#due === "overflow";
  }

  push(item: T): void {
    const { policy, queueMax, where } = this.#parts;
    // A snapshot that is due will show what the item says.
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

  /** Nothing more comes. The reader still gets what waits, and then the end, or the error once. */
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

  /** Its signal was aborted. Messages that have come are still read; states that would follow are not. */
  abort(): void {
    if (this.#parts.policy.atBound === "resnapshot") this.#drop(null);
    this.end(null);
  }

  next(): Promise<IteratorResult<T | S, undefined>> {
    // After the end of the feed, too, while something waits.
    if (this.#parts.isAborted()) this.abort();
    const value = this.#take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (!this.#isEnded) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
    const error = this.#error;
    this.#error = null;
    return error === null ? Promise.resolve(END) : Promise.reject(error);
  }

  /** The reader leaves: what waits for it is dropped, and a `next` that waits ends. */
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
    // Moving the rest forward only now and then keeps taking cheap for queues of any length.
    if (2 * this.#head >= this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Drops what waits, for the snapshot that is due instead, if any. */
  #drop(due: SnapshotReason | null): void {
    this.#items = [];
    this.#head = 0;
    this.#due = due;
  }
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };
