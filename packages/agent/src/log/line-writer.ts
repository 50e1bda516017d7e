import type { Writable } from "node:stream";
import { settlesWithin } from "../base/settles-within.ts";

/** Bytes that may wait for the reader of standard output or standard error. Further lines are dropped. */
export const WAITING_BYTES_MAX: number = 1024 * 1024;

/**
 * Writes lines to standard output or standard error. The agent doesn't depend on the reader: if it is slow or gone, or
 * the disk is full, lines are dropped and counted, and the agent goes on.
 */
export class LineWriter {
  readonly #stream: Writable;
  readonly #dropped: () => void;
  /** Dropped lines that the output doesn't mention yet. */
  #untold = 0;
  #isGone = false;

  /** `dropped` is called for each dropped line. */
  constructor(stream: Writable, dropped: () => void) {
    this.#stream = stream;
    this.#dropped = dropped;
    // Without a listener an error would end the process. A broken pipe stays broken; a full disk may have room again.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      this.#isGone ||= error.code === "EPIPE" || error.code === "ECONNRESET";
    });
    stream.on("drain", () => this.#tell());
  }

  /** Writes a line, or several at once. */
  write(text: string): void {
    if (this.#isGone || this.#stream.writableLength >= WAITING_BYTES_MAX) {
      this.#drop();
      return;
    }
    this.#stream.write(`${text}\n`, (error) => {
      if (error) this.#drop();
    });
  }

  /** Settles when the written lines are out, or after `limitMs`. */
  async flush(limitMs: number): Promise<void> {
    if (this.#isGone || this.#stream.writableLength === 0) return;
    const out = new Promise<void>((resolve) => this.#stream.write("", () => resolve()));
    await settlesWithin(out, limitMs);
  }

  #drop(): void {
    this.#untold++;
    this.#dropped();
  }

  #tell(): void {
    if (this.#untold === 0 || this.#isGone) return;
    const count = this.#untold;
    this.#untold = 0;
    this.write(`==> ${count} lines dropped: whoever reads them was too slow`);
  }
}
