/** By how much memory is to grow: twice as much copies least, and less may be had where that is too much. */
const FACTORS = [2, 1.5, 1.25, 1.125];

/** What memory of `bytes` may grow to so that `needed` fit, the best first; never beyond `max` but for what is needed. */
export function growths(bytes: number, needed: number, max: number): number[] {
  return FACTORS.map((factor) => Math.max(needed, Math.min(Math.ceil(factor * bytes), max)));
}

/** Collects bytes in one piece of memory that grows with what has arrived, never by what is claimed. */
export class GrowingBuffer {
  #bytes: Uint8Array = new Uint8Array(1024);
  #length = 0;

  /** Bytes collected. */
  get length(): number {
    return this.#length;
  }

  /** The memory itself; only the first `length` bytes mean something. A later `push` may replace it. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * How much memory it may take for a chunk of this length, the best first; none if it has enough. `lengthMax` is known to
   * be enough for all.
   */
  capacitiesFor(chunkBytes: number, lengthMax: number): number[] {
    const needed = this.#length + chunkBytes;
    return needed <= this.#bytes.length ? [] : growths(this.#bytes.length, needed, lengthMax);
  }

  /** Takes so much memory. */
  reserve(capacity: number): void {
    const grown = new Uint8Array(capacity);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  /** Copies a chunk to the end; there must be memory for it. */
  push(chunk: Uint8Array): void {
    this.#bytes.set(chunk, this.#length);
    this.#length += chunk.length;
  }

  /** Forgets everything and frees the memory. */
  release(): void {
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }
}
