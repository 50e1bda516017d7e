import type { HandlersAtWork } from "./handlers-at-work.ts";

/** Keeps a node safe from the handlers that it calls. */
export interface HandlerGuard<T> {
  /** Tracks asynchronous handlers while they run. */
  readonly atWork: HandlersAtWork;
  /** Logs and counts an error that a handler threw, or rejected with, for an item. */
  readonly failed: (error: unknown, item: T) => void;
}

interface Entry<T> {
  readonly handler: (item: T) => unknown;
  readonly guard: HandlerGuard<T>;
}

/** The application's handlers, called with each item. Their errors never propagate. */
export class Listeners<T> {
  readonly #entries = new Set<Entry<T>>();

  get size(): number {
    return this.#entries.size;
  }

  /** Returns a function that removes this entry. A handler that was added twice is called twice. */
  add(handler: (item: T) => unknown, guard: HandlerGuard<T>): () => void {
    const entry = { handler, guard };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  /** Calls the handlers that were present before this call, in the order in which they were added. */
  tell(item: T): void {
    for (const entry of [...this.#entries]) {
      // An earlier handler may have removed it.
      if (this.#entries.has(entry)) call(entry, item);
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}

function call<T>({ handler, guard: { atWork, failed } }: Entry<T>, item: T): void {
  const onError = (error: unknown): void => failed(error, item);
  try {
    const result = handler(item);
    if (!isThenable(result)) return;
    const work = Promise.resolve(result);
    atWork.watch(work);
    work.catch(onError);
  } catch (error) {
    onError(error);
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}
