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

  /** Copies a chunk to the end. */
  push(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = needed;
  }

  /** Forgets everything and frees the memory. */
  release(): void {
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }
}
