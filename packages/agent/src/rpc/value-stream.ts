import { MsgpackReader, MsgpackSkipper } from "@hearsay/core/msgpack";
import type { Codec } from "./codec.ts";

/** Bytes that a value must come to before room is made for it at once. */
const BYTES_AT_START = 4096;

/** Reading failed: bytes that are no such value, or one that is too large. Nothing after it can be read. */
export const UNREADABLE: unique symbol = Symbol("unreadable");

/** Not all of the next value is here yet. */
export const INCOMPLETE: unique symbol = Symbol("incomplete");

/**
 * Msgpack values that arrive in pieces, one after the other and without frames (docs/protocol/serf.md, section 22). Each
 * byte is looked at once to find where a value ends, however small the pieces are.
 */
export class ValueStream {
  readonly #bytesMax: number;
  readonly #skipper = new MsgpackSkipper();
  readonly #reader = new MsgpackReader();
  #bytes = new Uint8Array(BYTES_AT_START);
  #start = 0;
  #end = 0;
  /** Whether the skipper is under way in the value at `#start`. */
  #isSkipping = false;

  /** `bytesMax` is the size of the largest value that is read. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that have come and were not read. */
  get pending(): number {
    return this.#end - this.#start;
  }

  add(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Takes the next value if all of it is here; else nothing is taken. `read` is a codec's way to read it. */
  take<T>(read: (reader: MsgpackReader) => T): T | typeof INCOMPLETE | typeof UNREADABLE {
    if (!this.#isSkipping) this.#skipper.begin(this.#start, 1, this.#start + this.#bytesMax);
    const progress = this.#skipper.run(this.#bytes, this.#end, Number.POSITIVE_INFINITY);
    this.#isSkipping = progress === "need-more";
    if (progress === "need-more") return INCOMPLETE;
    if (progress !== "done") return UNREADABLE;
    const reader = this.#reader;
    reader.open(this.#bytes, this.#start, this.#skipper.at);
    const value = read(reader);
    const isRead = reader.fault === null && reader.at === this.#skipper.at;
    reader.close();
    this.#start = this.#skipper.at;
    return isRead ? value : UNREADABLE;
  }

  /** The same with a codec. */
  takeAs<T>(codec: Codec<T>): T | typeof INCOMPLETE | typeof UNREADABLE {
    return this.take((reader) => codec.read(reader));
  }

  /** Moves what is there to the front, and grows where that isn't enough. */
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
