import type { Writable } from "node:stream";
import { settlesWithin } from "../base/settles-within.ts";

/** Bytes that may wait for whoever reads standard output or standard error. Further lines are dropped. */
export const WAITING_BYTES_MAX: number = 1024 * 1024;

/**
 * Writes lines to standard output or standard error. The agent doesn't depend on who reads them: what can't be written, since
 * the reader is slow, gone, or a disk that is full, is dropped and counted, and the agent goes on.
 */
export class LineWriter {
  readonly #stream: Writable;
  readonly #dropped: () => void;
  /** Dropped lines that the reader wasn't told of. */
  #untold = 0;
  #isGone = false;

  /** `dropped` is called for each line that is. */
  constructor(stream: Writable, dropped: () => void) {
    this.#stream = stream;
    this.#dropped = dropped;
    // Without a listener an error would end the process. A pipe that is broken stays so; a disk may have room again.
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

  /** Settles when what was written is out, or after `limitMs`. */
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
