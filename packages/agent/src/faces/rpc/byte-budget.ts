/** What keeps bytes, and may give up some of them so that others have room. */
export interface Holder {
  /** Bytes that could be dropped. */
  readonly droppableBytes: number;
  /** Drops at least so many bytes, or all that can be dropped, and releases them. */
  drop(bytes: number): void;
}

/** What of a change is for requests, and for streams and queries. */
interface Parts {
  readonly requests?: number;
  readonly lasting?: number;
}

/** A holder that gives up nothing. */
const KEEPS_ALL: Holder = { droppableBytes: 0, drop: () => {} };

/**
 * The sum of the bytes that all clients of one server make it keep: records and answers that were not taken, requests that are
 * not complete, and what streams and queries cost. At the limit those give up records who hold most, and nobody who holds more
 * than an equal share gets more. Half of it is the most for requests, a quarter for streams and queries, and a quarter for
 * answers, so that none of them waits for another for ever.
 */
export class ByteBudget {
  readonly limit: number;
  /** The most that was ever held. */
  peak = 0;
  #held = 0;
  /** The part of `#held` that is for requests. */
  #requests = 0;
  /** The part of `#held` that streams and queries cost for as long as they last. */
  #lasting = 0;
  readonly #accounts = new Set<ByteAccount>();
  readonly #waiting = new Set<() => void>();
  readonly #soon: (fn: () => void) => void;
  #isWaking = false;

  /** `soon` calls what it is given in a later turn of the loop. */
  constructor(limit: number, soon: (fn: () => void) => void) {
    this.limit = limit;
    this.#soon = soon;
  }

  get held(): number {
    return this.#held;
  }

  /** Answers that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  open(holder: Holder = KEEPS_ALL): ByteAccount {
    const account = new ByteAccount(this, holder);
    this.#accounts.add(account);
    return account;
  }

  close(account: ByteAccount): void {
    this.#accounts.delete(account);
  }

  /** Whether so many bytes more may be held for one who asks; the others give up records if it takes that. */
  hasRoom(bytes: number, asker: ByteAccount): boolean {
    if (this.#held + bytes <= this.limit) return true;
    if (asker.held + bytes > this.limit / this.#accounts.size) return false;
    return this.#makeRoom(bytes, asker);
  }

  /** The same for a request. */
  hasRoomForRequest(bytes: number, asker: ByteAccount): boolean {
    return this.#requests + bytes <= this.limit / 2 && this.hasRoom(bytes, asker);
  }

  /** The same for a stream or a query. */
  hasRoomForLasting(bytes: number, asker: ByteAccount): boolean {
    return this.#lasting + bytes <= this.limit / 4 && this.hasRoom(bytes, asker);
  }

  /** Whether an answer may be made, which is kept whatever it comes to; records are given up if it takes that. */
  hasRoomForAnswer(): boolean {
    let answers = this.#held - this.#requests - this.#lasting;
    if (answers < this.limit / 4) return true;
    for (const { holder } of this.#accounts) answers -= holder.droppableBytes;
    if (answers >= this.limit / 4) return false;
    this.#makeRoom(1, null);
    return true;
  }

  /** Calls `run` in a later turn, once an answer may be made. Returns what withdraws it. */
  onceRoom(run: () => void): () => void {
    this.#waiting.add(run);
    return () => this.#waiting.delete(run);
  }

  /** Has those who wait go on if there is room. */
  wake(): void {
    if (this.#isWaking || this.#waiting.size === 0) return;
    this.#isWaking = true;
    this.#soon(() => {
      this.#isWaking = false;
      // Asked here, since it may have records given up, each of which wakes again.
      if (!this.hasRoomForAnswer()) return;
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const run of waiting) run();
    });
  }

  /** For `ByteAccount` only: so many bytes more are held now, or fewer, and so many of them of each part. */
  changed(bytes: number, { requests = 0, lasting = 0 }: Parts = {}): void {
    this.#held += bytes;
    this.#requests += requests;
    this.#lasting += lasting;
    if (this.#held > this.peak) this.peak = this.#held;
    if (bytes < 0) this.wake();
  }

  /** Has those who hold most give up records until so many bytes more have room; not the one who asks. */
  #makeRoom(bytes: number, asker: ByteAccount | null): boolean {
    while (this.#held + bytes > this.limit) {
      const largest = this.#largest();
      if (largest === null || largest === asker) return false;
      // Half of it at once: else each record that comes would search for the largest again.
      largest.holder.drop(Math.max(this.#held + bytes - this.limit, largest.holder.droppableBytes / 2));
    }
    return true;
  }

  #largest(): ByteAccount | null {
    let largest: ByteAccount | null = null;
    let most = 0;
    for (const account of this.#accounts) {
      const { droppableBytes } = account.holder;
      if (droppableBytes <= most) continue;
      most = droppableBytes;
      largest = account;
    }
    return largest;
  }
}

/** What one holder has of the budget. */
export class ByteAccount {
  readonly holder: Holder;
  readonly #budget: ByteBudget;
  #held = 0;
  /** The part of `#held` that is for requests. */
  #requests = 0;
  /** The part of `#held` for streams and queries. */
  #lasting = 0;
  #isClosed = false;

  constructor(budget: ByteBudget, holder: Holder) {
    this.#budget = budget;
    this.holder = holder;
  }

  get held(): number {
    return this.#held;
  }

  /** Whether so many bytes more may be held. */
  hasRoom(bytes: number): boolean {
    return this.#budget.hasRoom(bytes, this);
  }

  /** Holds so many bytes more if there is room for them. */
  tryAdd(bytes: number): boolean {
    if (!this.hasRoom(bytes)) return false;
    this.add(bytes);
    return true;
  }

  /** Holds so many bytes more, whatever the limit: they are here already. */
  add(bytes: number): void {
    if (this.#isClosed) return;
    this.#held += bytes;
    this.#budget.changed(bytes);
  }

  release(bytes: number): void {
    this.add(-bytes);
  }

  /**
   * Resolves once an answer may be made, or `gone` aborts. `waits` is called each time that it has to wait: others may be
   * faster when there is room.
   */
  async roomForAnswer(gone: AbortSignal, waits: () => void): Promise<void> {
    while (!gone.aborted && !this.#budget.hasRoomForAnswer()) {
      await new Promise<void>((resolve) => {
        const onGone = (): void => {
          withdraw();
          resolve();
        };
        const withdraw = this.#budget.onceRoom(() => {
          gone.removeEventListener("abort", onGone);
          resolve();
        });
        gone.addEventListener("abort", onGone, { once: true });
        waits();
      });
    }
  }

  /** Whether a stream or a query of so many bytes may begin. */
  hasRoomForLasting(bytes: number): boolean {
    return this.#budget.hasRoomForLasting(bytes, this);
  }

  /** Holds so many bytes more, or fewer, for streams and queries. */
  addLasting(bytes: number): void {
    if (this.#isClosed) return;
    this.#held += bytes;
    this.#lasting += bytes;
    this.#budget.changed(bytes, { lasting: bytes });
  }

  /** Holds so many bytes for requests in all, which are here already. Returns whether there is room; up to `freeBytes` there is. */
  holdRequests(bytes: number, freeBytes: number): boolean {
    if (this.#isClosed) return true;
    const more = bytes - this.#requests;
    const hasRoom = more <= 0 || bytes <= freeBytes || this.#budget.hasRoomForRequest(more, this);
    this.#held += more;
    this.#requests = bytes;
    this.#budget.changed(more, { requests: more });
    return hasRoom;
  }

  /** Releases all; what is held or released later no longer counts. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#budget.close(this);
    const [held, requests, lasting] = [this.#held, this.#requests, this.#lasting];
    this.#held = 0;
    this.#requests = 0;
    this.#lasting = 0;
    this.#budget.changed(-held, { requests: -requests, lasting: -lasting });
  }
}
