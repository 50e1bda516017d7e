/** Growth factors of memory. Doubling copies least; a smaller factor may be granted where doubling is refused. */
const FACTORS = [2, 1.5, 1.25, 1.125];

/** Sizes to which memory of `bytes` may grow, best first. Each holds `needed` bytes and is otherwise at most `max`. */
export function growths(bytes: number, needed: number, max: number): number[] {
  return FACTORS.map((factor) => Math.max(needed, Math.min(Math.ceil(factor * bytes), max)));
}

/** Collects bytes in one block of memory, which grows with the bytes received, never by a claimed length. */
export class GrowingBuffer {
  #bytes: Uint8Array = new Uint8Array(1024);
  #length = 0;

  /** Bytes collected. */
  get length(): number {
    return this.#length;
  }

  /** The memory itself; only its first `length` bytes are valid. `reserve` and `release` replace it. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * Sizes of memory that hold a chunk of this length too, best first; empty if there is room already. `lengthMax` is
   * enough for all chunks together.
   */
  capacitiesFor(chunkBytes: number, lengthMax: number): number[] {
    const needed = this.#length + chunkBytes;
    return needed <= this.#bytes.length ? [] : growths(this.#bytes.length, needed, lengthMax);
  }

  /** Grows the memory to `capacity` bytes. */
  reserve(capacity: number): void {
    const grown = new Uint8Array(capacity);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  /** Copies a chunk to the end; there must be room for it. */
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
