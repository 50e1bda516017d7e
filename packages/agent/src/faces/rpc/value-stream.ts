import { MsgpackReader, MsgpackSkipper } from "@hearsay/core/msgpack";
import type { Codec } from "./codec.ts";

/** Bytes of the largest buffer that is kept while it is empty. */
const BYTES_KEPT = 4096;

const EMPTY: Uint8Array = new Uint8Array(0);

/** Shared by all streams, since a value is read in one go; each reader caches frequent names. */
const reader = new MsgpackReader();

/** Reading failed: the bytes are no such value, or the value is too large. Nothing after it can be read. */
export const UNREADABLE: unique symbol = Symbol("unreadable");

/** The next value is incomplete. */
export const INCOMPLETE: unique symbol = Symbol("incomplete");

/**
 * Msgpack values that arrive in pieces, one after the other and without frames (docs/protocol/serf.md, section 22).
 * Each byte is scanned once for the end of a value, however small the pieces are.
 */
export class ValueStream {
  /** Size limit of a value, in bytes. */
  bytesMax: number;
  readonly #skipper = new MsgpackSkipper();
  #bytes = EMPTY;
  #start = 0;
  #end = 0;
  /** Whether the skipper is within the value at `#start`. */
  #isSkipping = false;
  #fault = "";

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Bytes allocated, used or not. */
  get room(): number {
    return this.#bytes.length;
  }

  /** Why the last value could not be read. */
  get fault(): string {
    return this.#fault;
  }

  /** Bytes that have arrived and were not read. */
  get pending(): number {
    return this.#end - this.#start;
  }

  add(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Takes the next value if it is complete; otherwise takes nothing. `read` reads it, as a codec does. */
  take<T>(read: (reader: MsgpackReader) => T): T | typeof INCOMPLETE | typeof UNREADABLE {
    if (!this.#isSkipping) this.#skipper.begin(this.#start, 1, this.#start + this.bytesMax);
    const progress = this.#skipper.run(this.#bytes, this.#end, Number.POSITIVE_INFINITY);
    this.#isSkipping = progress === "need-more";
    if (progress === "need-more") return INCOMPLETE;
    if (progress !== "done") {
      this.#fault = progress === "working" ? "" : progress.reason;
      return UNREADABLE;
    }
    reader.open(this.#bytes, this.#start, this.#skipper.at);
    const value = read(reader);
    const isRead = reader.fault === null && reader.at === this.#skipper.at;
    this.#fault = reader.fault?.reason ?? "bad-value";
    reader.close();
    this.#start = this.#skipper.at;
    if (this.pending === 0) this.#empty();
    return isRead ? value : UNREADABLE;
  }

  /** The same with a codec. */
  takeAs<T>(codec: Codec<T>): T | typeof INCOMPLETE | typeof UNREADABLE {
    return this.take((reader) => codec.read(reader));
  }

  #empty(): void {
    if (this.#bytes.length > BYTES_KEPT) this.#bytes = EMPTY;
    this.#start = 0;
    this.#end = 0;
  }

  /** Moves the pending bytes to the front, and grows the buffer if necessary. */
  #makeRoom(more: number): void {
    const pending = this.pending;
    const needed = pending + more;
    const room = needed > this.#bytes.length ? new Uint8Array(Math.max(needed, 2 * this.#bytes.length)) : this.#bytes;
    room.set(this.#bytes.subarray(this.#start, this.#end));
    if (this.#isSkipping) this.#skipper.moved(-this.#start);
    this.#bytes = room;
    this.#start = 0;
    this.#end = pending;
  }
}
