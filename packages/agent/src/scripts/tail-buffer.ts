/** Keeps the last bytes written to it. */
export class TailBuffer {
  readonly #bytesMax: number;
  #bytes: Buffer = Buffer.alloc(0);
  /** Bytes that were dropped. */
  dropped = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  write(chunk: Uint8Array): void {
    const whole = Buffer.concat([this.#bytes, chunk]);
    const excess = Math.max(0, whole.length - this.#bytesMax);
    this.dropped += excess;
    this.#bytes = Buffer.from(whole.subarray(excess));
  }

  /** The kept bytes. */
  bytes(): Buffer {
    return this.#bytes;
  }
}
