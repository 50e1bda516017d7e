import { nameLength, writeName } from "./names.ts";

const BYTES_AT_START = 512;

/** How signed integers are written: as go-msgpack 2.1.5 does, or as 0.5.5 did (docs/protocol/memberlist.md, 3.3). */
export type SignedStyle = "v2" | "v0.5.5";

/** Writes msgpack as the reference does (section 3.1) into its own buffer, which grows and is reused. */
export class Writer {
  readonly #isOldStyle: boolean;
  #bytes: Uint8Array;
  #at = 0;

  constructor(signed: SignedStyle = "v2", bytesAtStart: number = BYTES_AT_START) {
    this.#isOldStyle = signed === "v0.5.5";
    this.#bytes = new Uint8Array(bytesAtStart);
  }

  /** Bytes written since `reset`. */
  get length(): number {
    return this.#at;
  }

  reset(): void {
    this.#at = 0;
  }

  /** The bytes written, as a view that is valid until the next write. */
  borrow(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** A copy of the bytes written. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  /** Leaves room to be filled in later. */
  skip(bytes: number): void {
    this.#room(bytes);
    this.#at += bytes;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  /** A few bytes, unchanged: a key with its head, or several keys with values between them. */
  literal(bytes: Uint8Array): void {
    const length = bytes.length;
    this.#room(length);
    const to = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < length; i++) to[at + i] = bytes[i] as number;
    this.#at = at + length;
  }

  /** Any number of bytes, unchanged. */
  raw(bytes: Uint8Array): void {
    if (bytes.length <= 32) {
      this.literal(bytes);
      return;
    }
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  bool(value: boolean): void {
    this.byte(value ? 0xc3 : 0xc2);
  }

  /** A string with its head. */
  name(name: string): void {
    const length = name.length;
    if (length < 32) {
      this.#room(1 + length);
      const to = this.#bytes;
      const at = this.#at + 1;
      let i = 0;
      for (; i < length; i++) {
        const unit = name.charCodeAt(i);
        if (unit >= 0x80) break;
        to[at + i] = unit;
      }
      if (i === length) {
        to[at - 1] = 0xa0 | length;
        this.#at = at + length;
        return;
      }
    }
    const bytes = nameLength(name);
    this.rawHead(bytes);
    this.#room(bytes);
    this.#at = writeName(name, this.#bytes, this.#at);
  }

  /** A byte string with its head; nil for null. */
  blob(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.byte(0xc0);
      return;
    }
    this.rawHead(bytes.length);
    this.raw(bytes);
  }

  /** A byte string, or nil if it is empty, as the reference writes some fields. */
  blobOrNil(bytes: Uint8Array): void {
    this.blob(bytes.length === 0 ? null : bytes);
  }

  /** The head of a string or byte string of `length` bytes. */
  rawHead(length: number): void {
    this.#room(5);
    if (length < 32) {
      this.#bytes[this.#at++] = 0xa0 | length;
    } else if (length < 0x1_0000) {
      this.#bytes[this.#at++] = 0xda;
      this.#u16(length);
    } else {
      this.#bytes[this.#at++] = 0xdb;
      this.u32(length);
    }
  }

  /** An unsigned integer of up to 53 bits, in the shortest form. */
  uint(value: number): void {
    this.#room(9);
    if (value < 0x80) {
      this.#bytes[this.#at++] = value;
    } else if (value < 0x100) {
      this.#bytes[this.#at++] = 0xcc;
      this.#bytes[this.#at++] = value;
    } else if (value < 0x1_0000) {
      this.#bytes[this.#at++] = 0xcd;
      this.#u16(value);
    } else if (value <= 0xffff_ffff) {
      this.#bytes[this.#at++] = 0xce;
      this.u32(value);
    } else {
      this.#bytes[this.#at++] = 0xcf;
      this.u32(Math.floor(value / 0x1_0000_0000));
      this.u32(value);
    }
  }

  /** A signed integer of up to 53 bits, in the form of the style. */
  int(value: number): void {
    if (value >= 0 && (value < 0x80 || (this.#isOldStyle && value <= 0xffff_ffff))) {
      this.uint(value);
      return;
    }
    this.#room(9);
    if (value >= -32 && value < 0) {
      this.#bytes[this.#at++] = value & 0xff;
    } else if (value >= -0x80 && value < 0) {
      this.#bytes[this.#at++] = 0xd0;
      this.#bytes[this.#at++] = value & 0xff;
    } else if (value >= -0x8000 && value < 0x8000) {
      this.#bytes[this.#at++] = 0xd1;
      this.#u16(value);
    } else if (value >= -0x8000_0000 && value < 0x8000_0000) {
      this.#bytes[this.#at++] = 0xd2;
      this.u32(value);
    } else {
      this.#bytes[this.#at++] = this.#isOldStyle && value > 0 ? 0xcf : 0xd3;
      this.u32(Math.floor(value / 0x1_0000_0000));
      this.u32(value);
    }
  }

  /** A floating point number of 64 bits. */
  float(value: number): void {
    this.#room(9);
    this.#bytes[this.#at] = 0xcb;
    new DataView(this.#bytes.buffer, this.#at + 1, 8).setFloat64(0, value);
    this.#at += 9;
  }

  /** The head of an array of `length` values. */
  arrayHead(length: number): void {
    this.#containerHead(length, 0x90, 0xdc);
  }

  /** The head of a map of `entries` keys and their values. */
  mapHead(entries: number): void {
    this.#containerHead(entries, 0x80, 0xde);
  }

  /** The low 32 bits of an integer, big endian. */
  u32(value: number): void {
    this.#room(4);
    const low = (value % 0x1_0000_0000) | 0;
    this.#bytes[this.#at++] = low >>> 24;
    this.#bytes[this.#at++] = low >>> 16;
    this.#bytes[this.#at++] = low >>> 8;
    this.#bytes[this.#at++] = low;
  }

  #containerHead(count: number, fixed: number, wide: number): void {
    this.#room(5);
    if (count < 16) {
      this.#bytes[this.#at++] = fixed | count;
    } else if (count < 0x1_0000) {
      this.#bytes[this.#at++] = wide;
      this.#u16(count);
    } else {
      this.#bytes[this.#at++] = wide + 1;
      this.u32(count);
    }
  }

  #u16(value: number): void {
    this.#bytes[this.#at++] = value >> 8;
    this.#bytes[this.#at++] = value;
  }

  #room(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}
