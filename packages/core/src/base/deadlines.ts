/** The kinds of deadlines. This list shows every timer that the core can have. */
export const PROBE_TICK = 0;
export const PROBE_TIMEOUT = 1;
export const PROBE_DEADLINE = 2;
export const RELAY_TIMEOUT = 3;
export const NAMED_PING_TIMEOUT = 4;
export const SUSPICION = 5;
export const GOSSIP_TICK = 6;
export const EAGER_FLUSH = 7;
export const PUSH_PULL_TICK = 8;
export const MERGE_SLICE = 9;
export const ENCODE_SLICE = 10;
export const POST_JOIN_ROUND = 11;
export const POST_JOIN_LOOK = 12;
export const RECONNECT_TICK = 13;
/** The subject encodes the layer and the layer's own kind of deadline. */
export const LAYER = 14;

/**
 * Timers as data: a binary heap of (at, kind, subject, stamp) in columns. Entries are never cancelled: the handler of
 * an entry compares its stamp with the current state and ignores a stale one. Stale entries can pile up under hostile
 * traffic; `sweep` removes them.
 */
export class Deadlines {
  #size = 0;
  #at: Float64Array = new Float64Array(64);
  #kind: Uint8Array = new Uint8Array(64);
  #subject: Uint32Array = new Uint32Array(64);
  #stamp: Float64Array = new Float64Array(64);

  get size(): number {
    return this.#size;
  }

  /** When the earliest entry is due; `Infinity` if there is none. */
  nextAt(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#at[0] as number);
  }

  /** The fields of the earliest entry; valid only if there is one. */
  get topKind(): number {
    return this.#kind[0] as number;
  }

  get topSubject(): number {
    return this.#subject[0] as number;
  }

  get topStamp(): number {
    return this.#stamp[0] as number;
  }

  push(at: number, kind: number, subject = 0, stamp = 0): void {
    if (this.#size === this.#at.length) this.#grow();
    this.#siftUp(this.#size++, at, kind, subject, stamp);
  }

  /** Removes the earliest entry. */
  pop(): void {
    this.#size--;
    if (this.#size > 0) this.#siftDown(0, this.#size);
  }

  /** Moves every entry whose kind is between `from` and `to` (both included) by `byMs`. */
  postpone(from: number, to: number, byMs: number): void {
    for (let i = 0; i < this.#size; i++) {
      const kind = this.#kind[i] as number;
      if (kind >= from && kind <= to) this.#at[i] = (this.#at[i] as number) + byMs;
    }
    this.#heapify();
  }

  /** Removes every entry for which `isStale` returns true. */
  sweep(isStale: (kind: number, subject: number, stamp: number) => boolean): void {
    let kept = 0;
    for (let i = 0; i < this.#size; i++) {
      if (isStale(this.#kind[i] as number, this.#subject[i] as number, this.#stamp[i] as number)) continue;
      this.#copy(i, kept++);
    }
    this.#size = kept;
    this.#heapify();
  }

  #siftUp(from: number, at: number, kind: number, subject: number, stamp: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((this.#at[parent] as number) <= at) break;
      this.#copy(parent, index);
      index = parent;
    }
    this.#write(index, at, kind, subject, stamp);
  }

  /** Moves the entry at `from` into `hole` and down to its place in the heap. */
  #siftDown(hole: number, from: number): void {
    const at = this.#at[from] as number;
    const kind = this.#kind[from] as number;
    const subject = this.#subject[from] as number;
    const stamp = this.#stamp[from] as number;
    let index = hole;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && (this.#at[child + 1] as number) < (this.#at[child] as number)) child++;
      if ((this.#at[child] as number) >= at) break;
      this.#copy(child, index);
      index = child;
    }
    this.#write(index, at, kind, subject, stamp);
  }

  #heapify(): void {
    for (let i = (this.#size >> 1) - 1; i >= 0; i--) this.#siftDown(i, i);
  }

  #copy(from: number, to: number): void {
    this.#at[to] = this.#at[from] as number;
    this.#kind[to] = this.#kind[from] as number;
    this.#subject[to] = this.#subject[from] as number;
    this.#stamp[to] = this.#stamp[from] as number;
  }

  #write(index: number, at: number, kind: number, subject: number, stamp: number): void {
    this.#at[index] = at;
    this.#kind[index] = kind;
    this.#subject[index] = subject;
    this.#stamp[index] = stamp;
  }

  #grow(): void {
    const length = this.#at.length * 2;
    const at = new Float64Array(length);
    at.set(this.#at);
    this.#at = at;
    const kind = new Uint8Array(length);
    kind.set(this.#kind);
    this.#kind = kind;
    const subject = new Uint32Array(length);
    subject.set(this.#subject);
    this.#subject = subject;
    const stamp = new Float64Array(length);
    stamp.set(this.#stamp);
    this.#stamp = stamp;
  }
}
