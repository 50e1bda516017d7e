import { EMPTY } from "../base/bytes.ts";
import { FAULTS, type WireFault } from "./faults.ts";
import { beUint, MsgpackSkipper } from "./msgpack-skipper.ts";
import { NameCache } from "./name-cache.ts";
import { decodeName } from "./names.ts";

const NIL = 0xc0;

/** The string keys of a struct with their msgpack heads, in wire order. */
export type Keys = readonly Uint8Array[];

/**
 * Reads msgpack values one by one, as leniently as the reference (docs/protocol/memberlist.md, section 3.2).
 *
 * A failed read sets `fault`. The first fault stays, and the results of later reads are meaningless.
 */
export class MsgpackReader {
  readonly names: NameCache = new NameCache();
  readonly #skipper: MsgpackSkipper = new MsgpackSkipper();
  #bytes: Uint8Array = EMPTY;
  #at = 0;
  #end = 0;
  #fault: WireFault | null = null;

  /** Starts to read `bytes` from `start` to `end`. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#fault = null;
  }

  /** Where the next value begins. */
  get at(): number {
    return this.#at;
  }

  /** Whether all bytes have been read. */
  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  get fault(): WireFault | null {
    return this.#fault;
  }

  /** Forgets the bytes, so that they can be collected. */
  close(): void {
    this.#bytes = EMPTY;
    this.#end = 0;
  }

  /** Reads nil if it is next; otherwise returns false. */
  isNil(): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== NIL) return false;
    this.#at++;
    return true;
  }

  /** Reads the head of a map and returns its number of entries; −1, without reading, if no map is next. */
  mapLength(): number {
    return this.#containerLength(0x80, 0xde);
  }

  /** Reads the head of an array and returns its number of entries; −1, without reading, if no array is next. */
  arrayLength(): number {
    return this.#containerLength(0x90, 0xdc);
  }

  /** Reads a key and returns its index in `keys`, trying those from `expected` on first; −1 for an unknown key. */
  key(keys: Keys, expected: number): number {
    for (let i = expected; i < keys.length; i++) if (this.#take(keys[i] as Uint8Array)) return i;
    return this.#otherKey(keys);
  }

  /** An unsigned integer up to `max`; nil is 0. */
  uint(max: number): number {
    const head = this.#at < this.#end ? (this.#bytes[this.#at] as number) : -1;
    if (head >= 0 && head < 0x80) {
      this.#at++;
      return head;
    }
    const value = this.#integer(head);
    if (!(value >= 0 && value <= max)) this.#fail(FAULTS.badInteger);
    return value;
  }

  /** A signed integer that a number holds exactly; nil is 0. */
  int(): number {
    const value = this.#integer(this.#at < this.#end ? (this.#bytes[this.#at] as number) : -1);
    if (!Number.isSafeInteger(value)) this.#fail(FAULTS.badInteger);
    return value;
  }

  /** A signed integer of 64 bits; nil is 0. A value beyond 53 bits is clamped. */
  int64(): number {
    const value = this.#integer(this.#at < this.#end ? (this.#bytes[this.#at] as number) : -1);
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(value, Number.MAX_SAFE_INTEGER));
  }

  /** A floating point number of 32 or 64 bits, or an integer; nil is 0. */
  float(): number {
    const head = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
    if (head !== 0xca && head !== 0xcb) return this.#integer(head ?? -1);
    const width = head === 0xca ? 4 : 8;
    const at = this.#at + 1;
    if (at + width > this.#end) {
      this.#fail(FAULTS.truncated);
      return Number.NaN;
    }
    this.#at = at + width;
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, width);
    return width === 4 ? view.getFloat32(0) : view.getFloat64(0);
  }

  /** A boolean; 0, 1 and nil are accepted too. */
  bool(): boolean {
    if (this.#at >= this.#end) {
      this.#fail(FAULTS.truncated);
      return false;
    }
    const head = this.#bytes[this.#at++];
    if (head === 0xc3 || head === 1) return true;
    if (head !== 0xc2 && head !== 0 && head !== NIL) this.#fail(FAULTS.badValue);
    return false;
  }

  /** A string in any of its encodings; nil is the empty string. */
  name(): string {
    // Bytes after the end belong to another part of the packet.
    const head = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
    if (head !== undefined && (head & 0xe0) === 0xa0) {
      const start = this.#at + 1;
      const end = start + (head & 0x1f);
      if (end <= this.#end) {
        this.#at = end;
        return this.names.get(this.#bytes, start, end);
      }
    }
    if (isArray(head)) {
      const bytes = this.blob() ?? EMPTY;
      return decodeName(bytes, 0, bytes.length);
    }
    const length = this.#rawLength();
    if (length <= 0) return "";
    return this.names.get(this.#bytes, this.#at - length, this.#at);
  }

  /** A byte string in any of its encodings, as a view; an array of integers is copied. Null for nil. */
  blob(): Uint8Array | null {
    if (this.#at < this.#end && isArray(this.#bytes[this.#at])) return this.#byteArray();
    const length = this.#rawLength();
    if (length < 0) return null;
    return length === 0 ? EMPTY : this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Skips `count` values of any kind. */
  skip(count: number): void {
    this.#skipper.begin(this.#at, count, this.#end);
    const progress = this.#skipper.run(this.#bytes, this.#end, Number.POSITIVE_INFINITY);
    this.#at = this.#skipper.at;
    if (progress !== "done") this.#fail(progress === FAULTS.badValue ? FAULTS.badValue : FAULTS.truncated);
  }

  /** Records a fault that the caller found, unless there is one already. */
  refuse(fault: WireFault): void {
    this.#fail(fault);
  }

  #fail(fault: WireFault): void {
    if (this.#fault === null) this.#fault = fault;
  }

  #containerLength(fixed: number, wide: number): number {
    const head = this.#at < this.#end ? (this.#bytes[this.#at] as number) : -1;
    if ((head & 0xf0) === fixed) {
      this.#at++;
      return head & 0x0f;
    }
    if (head !== wide && head !== wide + 1) return -1;
    const width = head === wide ? 2 : 4;
    if (this.#at + 1 + width > this.#end) {
      this.#fail(FAULTS.truncated);
      return 0;
    }
    this.#at += 1 + width;
    return beUint(this.#bytes, this.#at - width, width);
  }

  #take(key: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    const length = key.length;
    if (at + length > this.#end) return false;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== key[i]) return false;
    this.#at = at + length;
    return true;
  }

  /** A key out of order, in another encoding, or unknown. */
  #otherKey(keys: Keys): number {
    const head = this.#bytes[this.#at];
    if (this.#at < this.#end && !isText(head)) {
      this.#fail(FAULTS.badKey);
      return -1;
    }
    const text = this.blob();
    if (text === null) return -1;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as Uint8Array;
      if (text.length === key.length - 1 && text.every((byte, index) => byte === key[index + 1])) return i;
    }
    return -1;
  }

  /** Value of the integer whose first byte is `head`; NaN if there is none. */
  #integer(head: number): number {
    if (head < 0) {
      this.#fail(FAULTS.truncated);
      return Number.NaN;
    }
    if (head < 0x80 || head === NIL) {
      this.#at++;
      return head === NIL ? 0 : head;
    }
    if (head >= 0xe0) {
      this.#at++;
      return head - 0x100;
    }
    if (head < 0xcc || head > 0xd3) {
      this.#fail(FAULTS.badValue);
      return Number.NaN;
    }
    const width = 1 << (head & 3);
    if (this.#at + 1 + width > this.#end) {
      this.#fail(FAULTS.truncated);
      return Number.NaN;
    }
    const at = this.#at + 1;
    this.#at = at + width;
    const isNegative = head >= 0xd0 && ((this.#bytes[at] as number) & 0x80) !== 0;
    if (width < 8) return beUint(this.#bytes, at, width) - (isNegative ? 256 ** width : 0);
    // Read as two halves, because a number does not hold all 64 bits.
    const high = beUint(this.#bytes, at, 4) - (isNegative ? 0x1_0000_0000 : 0);
    return high * 0x1_0000_0000 + beUint(this.#bytes, at + 4, 4);
  }

  /** Skips a byte string and returns its length; −1 for nil and for any other value. */
  #rawLength(): number {
    if (this.#at >= this.#end) {
      this.#fail(FAULTS.truncated);
      return -1;
    }
    const head = this.#bytes[this.#at] as number;
    let width = 0;
    if (head === NIL) {
      this.#at++;
      return -1;
    }
    if (head === 0xd9 || head === 0xc4) width = 1;
    else if (head === 0xda || head === 0xc5) width = 2;
    else if (head === 0xdb || head === 0xc6) width = 4;
    else if ((head & 0xe0) !== 0xa0) {
      this.#fail(FAULTS.badValue);
      return -1;
    }
    const start = this.#at + 1 + width;
    const length = width === 0 ? head & 0x1f : beUint(this.#bytes, this.#at + 1, width);
    if (start + length > this.#end) {
      this.#fail(FAULTS.truncated);
      return -1;
    }
    this.#at = start + length;
    return length;
  }

  #byteArray(): Uint8Array | null {
    const length = this.arrayLength();
    // Each integer takes at least one byte: never allocate for more than the input holds.
    if (length < 0 || length > this.#end - this.#at) {
      this.#fail(FAULTS.truncated);
      return null;
    }
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length && this.#fault === null; i++) bytes[i] = this.uint(0xff);
    return bytes;
  }
}

function isArray(head: number | undefined): boolean {
  return head !== undefined && ((head & 0xf0) === 0x90 || head === 0xdc || head === 0xdd);
}

/** Whether a value with this head can be read as a string. */
function isText(head: number | undefined): boolean {
  if (head === undefined) return false;
  return (head & 0xe0) === 0xa0 || (head >= 0xd9 && head <= 0xdb) || (head >= 0xc4 && head <= 0xc6) || isArray(head);
}
