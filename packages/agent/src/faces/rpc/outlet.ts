import type { Socket } from "node:net";
import type { ByteAccount, ByteBudget, Holder } from "./byte-budget.ts";

/** Waiting records of one stream, monitor or query, for a client that is slow to read. Further ones are dropped. */
export const RECORDS_MAX = 512;

/** Bytes per write to the socket, so that the client's progress in reading is visible. */
const CHUNK_BYTES = 16_384;

/** Cost of a waiting record besides its bytes. */
const RECORD_BYTES = 32;

/** A stream, a monitor or a query: what its records need of it. */
export interface RecordSource {
  /** The header of each of its records. */
  readonly head: Uint8Array;
  /** Waiting records. */
  waiting: number;
}

/** Sent records at which the array is compacted. */
const COMPACT_RECORDS = 4096;

interface WaitingRecord {
  readonly source: RecordSource;
  /** Whether it is the last of its source, which is kept regardless of the limits. */
  readonly isLast: boolean;
  /** May be shared with other connections. */
  readonly body: Uint8Array;
}

/**
 * The output to one client: answers, and between them records as far as the client reads. Unread records wait; at a
 * limit of their stream or of the server the newest are dropped.
 */
export class Outlet implements Holder {
  /** This connection's part of the server's budget. */
  readonly account: ByteAccount;
  droppableBytes = 0;
  dropped = 0;
  /** When the socket last made progress, on the clock of `performance.now`. */
  progressAt = 0;
  readonly #socket: Socket;
  /** Answers that the socket has not taken yet, in pieces. */
  #answers: Uint8Array[] = [];
  /** The waiting records begin at `#first`. */
  #records: WaitingRecord[] = [];
  #first = 0;
  /** The rest of a value that was begun. */
  #rest: Uint8Array | null = null;
  #isEnding = false;

  constructor(socket: Socket, budget: ByteBudget) {
    this.#socket = socket;
    this.account = budget.open(this);
  }

  /** Whether anything sent now would wait for the client. */
  get isBlocked(): boolean {
    return this.#socket.writableNeedDrain || this.#rest !== null || this.#answers.length > 0;
  }

  /** Whether the socket or this queue holds anything unsent, however little. */
  get holdsUnsent(): boolean {
    return this.#socket.writableLength > 0 || this.isBlocked;
  }

  /** Sends an answer before the waiting records. */
  answer(...pieces: readonly Uint8Array[]): void {
    if (this.#isEnding) return;
    if (!this.isBlocked) this.progressAt = performance.now();
    for (const piece of pieces) {
      this.account.add(piece.length);
      this.#answers.push(piece);
    }
    this.pump();
  }

  /** Queues a record for `pump` if there is room. */
  add(source: RecordSource, body: Uint8Array): void {
    const bytes = chargeOf(source, body);
    if (this.#isEnding || source.waiting >= RECORDS_MAX || !this.account.tryAdd(bytes)) {
      this.dropped++;
      return;
    }
    source.waiting++;
    this.droppableBytes += bytes;
    this.#records.push({ source, body, isLast: false });
  }

  /** Sends the last record of a source, which is never dropped, after the waiting ones. */
  addLast(source: RecordSource, body: Uint8Array): void {
    if (this.#isEnding) return;
    this.account.add(chargeOf(source, body));
    source.waiting++;
    this.#records.push({ source, body, isLast: true });
    this.pump();
  }

  /** Drops the waiting records of a source: none may follow the answer to the client that stops it. */
  discard(source: RecordSource): void {
    if (source.waiting === 0) return;
    const kept: WaitingRecord[] = [];
    for (const record of this.#records.slice(this.#first)) {
      if (record.source === source) this.#forget(record);
      else kept.push(record);
    }
    this.#records = kept;
    this.#first = 0;
  }

  /** Hands the socket as much as it takes. */
  pump(): void {
    const socket = this.#socket;
    // Output that begins now gets its full time.
    if (socket.writableLength === 0) this.progressAt = performance.now();
    while (!socket.writableNeedDrain && !socket.destroyed) {
      const chunk = this.#nextChunk();
      if (chunk === null) break;
      socket.write(chunk, () => {
        this.progressAt = performance.now();
        this.account.release(chunk.length);
      });
    }
    if (this.#isEnding && !this.isBlocked && !socket.writableEnded) socket.end(() => socket.destroy());
  }

  drop(bytes: number): void {
    const enough = Math.max(0, this.droppableBytes - bytes);
    const lasts: WaitingRecord[] = [];
    while (this.droppableBytes > enough && this.#first < this.#records.length) {
      const record = this.#records.pop();
      if (record === undefined) break;
      if (record.isLast) {
        lasts.push(record);
      } else {
        this.#forget(record);
        this.dropped++;
      }
    }
    this.#records.push(...lasts.reverse());
  }

  /** Drops the waiting records, and ends the connection when everything else is out. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.dropped += this.#records.length - this.#first;
    while (this.#first < this.#records.length) this.#forget(this.#records[this.#first++]);
    this.#records = [];
    this.#first = 0;
    this.pump();
  }

  /** Drops everything, once the connection has ended. */
  close(): void {
    this.#isEnding = true;
    this.#answers = [];
    this.#records = [];
    this.droppableBytes = 0;
    this.account.close();
  }

  #nextChunk(): Uint8Array | null {
    if (this.#rest === null) this.#rest = this.#answers.shift() ?? this.#nextRecords();
    const rest = this.#rest;
    if (rest === null) return null;
    this.#rest = rest.length > CHUNK_BYTES ? rest.subarray(CHUNK_BYTES) : null;
    return rest.length > CHUNK_BYTES ? rest.subarray(0, CHUNK_BYTES) : rest;
  }

  /** Records that fill a chunk together, or a single larger one. */
  #nextRecords(): Uint8Array | null {
    let bytes = 0;
    let end = this.#first;
    for (; end < this.#records.length; end++) {
      const record = this.#records[end];
      if (record === undefined) break;
      const length = lengthOf(record);
      if (bytes > 0 && bytes + length > CHUNK_BYTES) break;
      bytes += length;
    }
    if (bytes === 0) return null;
    const chunk = new Uint8Array(bytes);
    let at = 0;
    for (; this.#first < end; this.#first++) {
      const record = this.#records[this.#first];
      if (record === undefined) break;
      chunk.set(record.source.head, at);
      chunk.set(record.body, at + record.source.head.length);
      at += lengthOf(record);
      this.#forget(record);
    }
    this.account.add(bytes);
    if (this.#first > COMPACT_RECORDS || this.#first === this.#records.length) {
      this.#records = this.#records.slice(this.#first);
      this.#first = 0;
    }
    return chunk;
  }

  #forget(record: WaitingRecord | undefined): void {
    if (record === undefined) return;
    const bytes = chargeOf(record.source, record.body);
    record.source.waiting--;
    if (!record.isLast) this.droppableBytes -= bytes;
    this.account.release(bytes);
  }
}

function lengthOf({ source, body }: WaitingRecord): number {
  return source.head.length + body.length;
}

function chargeOf(source: RecordSource, body: Uint8Array): number {
  return RECORD_BYTES + source.head.length + body.length;
}
