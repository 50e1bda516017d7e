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

  /** Bytes of memory that it takes once a chunk of this length has come in; `lengthMax` is known to be enough for all. */
  capacityWith(chunkBytes: number, lengthMax: number): number {
    const needed = this.#length + chunkBytes;
    if (needed <= this.#bytes.length) return this.#bytes.length;
    return Math.max(needed, Math.min(2 * this.#bytes.length, lengthMax));
  }

  /** Copies a chunk to the end. */
  push(chunk: Uint8Array, lengthMax: number): void {
    const capacity = this.capacityWith(chunk.length, lengthMax);
    if (capacity > this.#bytes.length) {
      const grown = new Uint8Array(capacity);
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length += chunk.length;
  }

  /** Forgets everything and frees the memory. */
  release(): void {
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }
}
