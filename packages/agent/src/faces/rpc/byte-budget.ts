/** An owner of kept bytes that may drop some of them to make room for others. */
export interface Holder {
  /** Bytes that could be dropped. */
  readonly droppableBytes: number;
  /** Drops at least this many bytes, or all that can be dropped, and releases them. */
  drop(bytes: number): void;
}

/** The parts of a change that count for requests, and for streams and queries. */
interface Parts {
  readonly requests?: number;
  readonly lasting?: number;
}

/** A holder that drops nothing. */
const KEEPS_ALL: Holder = { droppableBytes: 0, drop: () => {} };

/**
 * The sum of the bytes that one server keeps for all its clients: unread records and answers, incomplete requests, and
 * the cost of streams and queries. At the limit the largest holders drop records, and a client above its equal share
 * gets no more. Requests get at most half of the limit, streams and queries a quarter, and answers a quarter, so that
 * none of them waits for another forever.
 */
export class ByteBudget {
  readonly limit: number;
  /** The most bytes ever held. */
  peak = 0;
  #held = 0;
  /** The part of `#held` that is for requests. */
  #requests = 0;
  /** The part of `#held` that streams and queries cost while they last. */
  #lasting = 0;
  readonly #accounts = new Set<ByteAccount>();
  readonly #waiting = new Set<() => void>();
  readonly #soon: (fn: () => void) => void;
  #isWaking = false;

  /** `soon` calls its argument in a later turn of the loop. */
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

  /** Whether `asker` may hold this many more bytes; other clients drop records if necessary. */
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

  /** Whether an answer may be made, which is then kept whatever its size; records are dropped if necessary. */
  hasRoomForAnswer(): boolean {
    let answers = this.#held - this.#requests - this.#lasting;
    if (answers < this.limit / 4) return true;
    for (const { holder } of this.#accounts) answers -= holder.droppableBytes;
    if (answers >= this.limit / 4) return false;
    this.#makeRoom(1, null);
    return true;
  }

  /** Calls `run` in a later turn, once an answer may be made. Returns a function that withdraws it. */
  onceRoom(run: () => void): () => void {
    this.#waiting.add(run);
    return () => this.#waiting.delete(run);
  }

  /** Resumes the waiting answers if there is room. */
  wake(): void {
    if (this.#isWaking || this.#waiting.size === 0) return;
    this.#isWaking = true;
    this.#soon(() => {
      this.#isWaking = false;
      // Checked in the later turn, since the check may drop records, and each drop wakes again.
      if (!this.hasRoomForAnswer()) return;
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const run of waiting) run();
    });
  }

  /** For `ByteAccount` only: changes the sum, and its parts, by these numbers of bytes. */
  changed(bytes: number, { requests = 0, lasting = 0 }: Parts = {}): void {
    this.#held += bytes;
    this.#requests += requests;
    this.#lasting += lasting;
    if (this.#held > this.peak) this.peak = this.#held;
    if (bytes < 0) this.wake();
  }

  /** Makes the largest holders drop records until this many more bytes have room. Stops at `asker`. */
  #makeRoom(bytes: number, asker: ByteAccount | null): boolean {
    while (this.#held + bytes > this.limit) {
      const largest = this.#largest();
      if (largest === null || largest === asker) return false;
      // Drops half of it at once; otherwise each new record would search for the largest holder again.
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

/** One holder's part of the budget. */
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

  /** Whether this many more bytes may be held. */
  hasRoom(bytes: number): boolean {
    return this.#budget.hasRoom(bytes, this);
  }

  /** Holds this many more bytes if there is room. */
  tryAdd(bytes: number): boolean {
    if (!this.hasRoom(bytes)) return false;
    this.add(bytes);
    return true;
  }

  /** Holds this many more bytes regardless of the limit: they have already arrived. */
  add(bytes: number): void {
    if (this.#isClosed) return;
    this.#held += bytes;
    this.#budget.changed(bytes);
  }

  release(bytes: number): void {
    this.add(-bytes);
  }

  /**
   * Resolves once an answer may be made, or when `gone` aborts. Calls `waits` before each wait; others may take the
   * room first.
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

  /** Whether a stream or a query of this many bytes may begin. */
  hasRoomForLasting(bytes: number): boolean {
    return this.#budget.hasRoomForLasting(bytes, this);
  }

  /** Holds this many more bytes for streams and queries; fewer if negative. */
  addLasting(bytes: number): void {
    if (this.#isClosed) return;
    this.#held += bytes;
    this.#lasting += bytes;
    this.#budget.changed(bytes, { lasting: bytes });
  }

  /**
   * Sets the bytes held for requests, which have already arrived. Returns whether there is room; up to `freeBytes`
   * there always is.
   */
  holdRequests(bytes: number, freeBytes: number): boolean {
    if (this.#isClosed) return true;
    const more = bytes - this.#requests;
    const hasRoom = more <= 0 || bytes <= freeBytes || this.#budget.hasRoomForRequest(more, this);
    this.#held += more;
    this.#requests = bytes;
    this.#budget.changed(more, { requests: more });
    return hasRoom;
  }

  /** Releases all bytes; later changes no longer count. */
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
