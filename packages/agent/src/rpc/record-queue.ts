/** Records of one stream or monitor that wait for a client that is slow to read. Further ones are dropped. */
export const RECORDS_MAX = 512;

/** Where records go. */
export interface RecordSink {
  /** Whether bytes that are written now would pile up. */
  readonly isBlocked: boolean;
  write(bytes: Uint8Array): void;
}

/** Hands records on, and keeps some while the client doesn't read. */
export class RecordQueue {
  readonly #sink: RecordSink;
  readonly #waiting: Uint8Array[] = [];
  dropped = 0;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  add(record: Uint8Array): void {
    if (!this.#sink.isBlocked && this.#waiting.length === 0) this.#sink.write(record);
    else if (this.#waiting.length < RECORDS_MAX) this.#waiting.push(record);
    else this.dropped++;
  }

  /** The client has read. */
  drain(): void {
    while (!this.#sink.isBlocked) {
      const record = this.#waiting.shift();
      if (record === undefined) return;
      this.#sink.write(record);
    }
  }
}
