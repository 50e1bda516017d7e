/**
 * What one reader has not taken yet: at most `max` items, of which the oldest goes for a newer one. It is the iterator
 * of a `for await` loop; leaving the loop ends it.
 */
export class MessageQueue<T extends object> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #max: number;
  readonly #onEnd: () => void;
  readonly #waiters: { resolve(result: IteratorResult<T, undefined>): void; reject(error: Error): void }[] = [];
  #items: T[] = [];
  #head = 0;
  #isEnded = false;
  #error: Error | null = null;

  /** `onEnd` is called once, when nothing more will be taken in. */
  constructor(max: number, onEnd: () => void) {
    this.#max = max;
    this.#onEnd = onEnd;
  }

  /** False if the oldest item had to go. */
  push(item: T): boolean {
    if (this.#isEnded) return true;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: item });
      return true;
    }
    const isFull = this.#items.length - this.#head >= this.#max;
    if (isFull) this.#take();
    this.#items.push(item);
    return !isFull;
  }

  /** Nothing more comes. The reader still gets what waits, and then the end, or the error once. */
  end(error: Error | null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
    this.#error = error;
    for (const waiter of this.#waiters.splice(0)) {
      if (this.#error === null) waiter.resolve(END);
      else waiter.reject(this.#error);
      this.#error = null;
    }
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#take();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (!this.#isEnded) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
    const error = this.#error;
    this.#error = null;
    return error === null ? Promise.resolve(END) : Promise.reject(error);
  }

  /** The reader leaves; what waits for it is dropped. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#items = [];
    this.#head = 0;
    this.end(null);
    this.#error = null;
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): T | undefined {
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
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };
