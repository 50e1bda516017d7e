import { FAULTS, type WireFault } from "./faults.ts";

/** The state of a skip: done, waiting for more bytes, waiting for another turn, or refused. */
export type SkipProgress = "done" | "need-more" | "working" | WireFault;

/**
 * Finds the end of msgpack values, nested to any depth, without decoding them (docs/protocol/memberlist.md,
 * section 3.4).
 *
 * It counts the values still to come instead of keeping a stack, so depth costs nothing. It can stop at any byte and
 * continue when more bytes have arrived, without starting over.
 */
export class MsgpackSkipper {
  #at = 0;
  #pending = 0;
  #limit = 0;

  /** Prepares to skip `count` values from `at` on, which must not reach beyond `limit`. */
  begin(at: number, count: number, limit: number): void {
    this.#at = at;
    this.#pending = count;
    this.#limit = limit;
  }

  /** Adjusts to bytes that were moved by `places` within their buffer. */
  moved(places: number): void {
    this.#at += places;
    this.#limit += places;
  }

  /** Where the next value begins; once done, where the last one ended. */
  get at(): number {
    return this.#at;
  }

  /**
   * Skips at most `valuesMax` values in `bytes`, which has arrived up to `end`. A value that claims to reach beyond the
   * limit is refused at once as too large.
   */
  run(bytes: Uint8Array, end: number, valuesMax: number): SkipProgress {
    for (let turns = valuesMax; this.#pending > 0; turns--) {
      if (turns <= 0) return "working";
      if (this.#at >= end) return "need-more";
      const head = bytes[this.#at] ?? 0;
      const size = headSize(head);
      if (size === 0) return FAULTS.badValue;
      if (this.#at + size > end) return "need-more";
      const length = size > 1 ? beUint(bytes, this.#at + 1, size - 1) : head;
      this.#at += size + bodyLength(head, length);
      this.#pending += childCount(head, length) - 1;
      // Each pending value takes at least one byte.
      if (this.#at + this.#pending > this.#limit) return FAULTS.tooLarge;
    }
    return this.#at <= end ? "done" : "need-more";
  }
}

/** Unsigned big endian integer of 1, 2 or 4 bytes. */
export function beUint(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/** Bytes of a value's head, including its length field; 0 for the one first byte that msgpack forbids. */
function headSize(head: number): number {
  if (head < 0xc4 || head >= 0xe0) return head === 0xc1 ? 0 : 1;
  switch (head) {
    case 0xc4:
    case 0xc7:
    case 0xd9:
      return 2;
    case 0xc5:
    case 0xc8:
    case 0xda:
    case 0xdc:
    case 0xde:
      return 3;
    case 0xc6:
    case 0xc9:
    case 0xdb:
    case 0xdd:
    case 0xdf:
      return 5;
    default:
      return 1;
  }
}

/** Bytes after the head that are not values themselves: text, binary data, the digits of a number. */
function bodyLength(head: number, length: number): number {
  if (head < 0xa0 || head >= 0xe0) return 0;
  if (head < 0xc0) return head & 0x1f;
  if (head <= 0xc3 || head >= 0xdc) return 0;
  if (head <= 0xc6 || head >= 0xd9) return length;
  // Extensions have a type byte.
  if (head <= 0xc9) return length + 1;
  if (head <= 0xcb) return head === 0xca ? 4 : 8;
  if (head <= 0xcf) return 1 << (head - 0xcc);
  if (head <= 0xd3) return 1 << (head - 0xd0);
  return (1 << (head - 0xd4)) + 1;
}

/** Number of values directly inside a value. */
function childCount(head: number, length: number): number {
  if (head < 0x80 || head >= 0xe0) return 0;
  if (head < 0x90) return 2 * (head & 0x0f);
  if (head < 0xa0) return head & 0x0f;
  if (head < 0xdc) return 0;
  return head < 0xde ? length : 2 * length;
}
