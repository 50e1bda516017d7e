import { type HandlerGuard, Listeners } from "./listeners.ts";
import { type AtBound, Reader } from "./reader.ts";
import { onceAborted } from "./signals.ts";

/** How to create a feed. */
export type FeedOptions<S> = AtBound<S> & {
  /** Called when the first follower comes; the function that it returns is called when the last one has gone. */
  readonly source?: () => () => void;
};

/** How to read a feed. */
export interface ReadOptions<T> {
  /** Items that may wait for the reader, at least 1. @defaultValue the feed's */
  readonly queueMax?: number | null;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | null;
  /** Which items to get. @defaultValue all */
  readonly where?: ((item: T) => boolean) | undefined;
}

/**
 * Passes items to the application: to handlers, in the turn in which an item comes, and to readers, each of which is an
 * asynchronous iterator with its own bounded queue (docs/design/decisions/0007-feeds.md). Readers that start from a
 * snapshot, of type S, get one before the items.
 */
export class Feed<T extends NonNullable<unknown>, S extends NonNullable<unknown> = never> {
  readonly #options: FeedOptions<S>;
  readonly #listeners = new Listeners<T>();
  readonly #readers = new Set<Reader<T, S>>();
  /** All items so far, if the feed keeps all. */
  readonly #past: T[] = [];
  #stopSource: (() => void) | null = null;
  #closed: { readonly error: Error | null } | null = null;

  constructor(options: FeedOptions<S>) {
    this.#options = options;
  }

  /** Number of handlers and readers. */
  get size(): number {
    return this.#listeners.size + this.#readers.size;
  }

  /** Readers that have missed items and have not taken their new snapshot yet. */
  get readersBehind(): number {
    return [...this.#readers].filter(({ isBehind }) => isBehind).length;
  }

  /** Calls `handler` with each item from now on, in the turn in which it comes. Returns a function that removes it. */
  on(handler: (item: T) => unknown, guard: HandlerGuard<T>): () => void {
    if (this.#closed !== null) return () => {};
    const remove = this.#listeners.add(handler, guard);
    this.#came();
    return () => {
      remove();
      this.#left();
    };
  }

  /** A reader of the items from now on, to the end of the feed. */
  read({ queueMax, signal, where }: ReadOptions<T> = {}): Reader<T, S> {
    const policy = this.#options;
    let stopListening = (): void => {};
    const begin = (): void => {
      if (this.#closed !== null) return reader.end(this.#closed.error);
      this.#readers.add(reader);
      stopListening = onceAborted(signal, () => reader.abort());
      this.#came();
    };
    const reader: Reader<T, S> = new Reader({
      policy,
      queueMax: policy.atBound === "keep-all" ? Number.POSITIVE_INFINITY : (queueMax ?? policy.queueMax),
      where,
      begin,
      isAborted: () => signal?.aborted === true,
      left: () => {
        stopListening();
        if (this.#readers.delete(reader)) this.#left();
      },
    });
    for (const item of this.#past) reader.push(item);
    // A reader that starts with a snapshot needs no items before its first read, which may never come.
    if (policy.atBound !== "resnapshot") begin();
    return reader;
  }

  push(item: T): void {
    if (this.#closed !== null) return;
    if (this.#options.atBound === "keep-all") this.#past.push(item);
    // Before the handlers: a handler may create a reader, which must not get this item, or push another item.
    for (const reader of this.#readers) reader.push(item);
    this.#listeners.tell(item);
  }

  /** Ends the feed: readers end, or throw `error`, after the items that wait for them. */
  close(error: Error | null = null): void {
    if (this.#closed !== null) return;
    this.#closed = { error };
    this.#listeners.clear();
    for (const reader of this.#readers) reader.end(error);
    this.#left();
  }

  #came(): void {
    this.#stopSource ??= this.#options.source?.() ?? null;
  }

  #left(): void {
    if (this.size > 0) return;
    this.#stopSource?.();
    this.#stopSource = null;
  }
}
