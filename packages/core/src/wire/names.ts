/**
 * Lossless names. On the wire a name is any byte string (docs/protocol/memberlist.md, section 3.2); here it is a
 * string. Valid UTF-8 is decoded as such. Any other byte b becomes the lone surrogate U+DC00 + b, which valid UTF-8
 * never yields. So different names stay different, and every name is sent as the bytes that were received.
 */

/** The bytes of a name. A lone surrogate that no byte decodes to is written as U+FFFD, as UTF-8 encoders do. */
export function encodeName(name: string): Uint8Array {
  const bytes = new Uint8Array(nameLength(name));
  writeName(name, bytes, 0);
  return bytes;
}

/** Length of a name in bytes. */
export function nameLength(name: string): number {
  let length = name.length;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit < 0x80 || isEscape(unit)) continue;
    if (unit < 0x800) {
      length++;
    } else if (isHigh(unit) && isLow(name.charCodeAt(i + 1))) {
      // Two units make four bytes.
      length += 2;
      i++;
    } else {
      length += 2;
    }
  }
  return length;
}

/** Writes a name at `at` and returns where it ends. `bytes` must have room for `nameLength(name)`. */
export function writeName(name: string, bytes: Uint8Array, at: number): number {
  let to = at;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit < 0x80) {
      bytes[to++] = unit;
    } else if (unit < 0x800) {
      bytes[to++] = 0xc0 | (unit >> 6);
      bytes[to++] = 0x80 | (unit & 0x3f);
    } else if (isEscape(unit)) {
      bytes[to++] = unit & 0xff;
    } else if (isHigh(unit) && isLow(name.charCodeAt(i + 1))) {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (name.charCodeAt(++i) & 0x3ff);
      bytes[to++] = 0xf0 | (point >> 18);
      bytes[to++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[to++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[to++] = 0x80 | (point & 0x3f);
    } else {
      const point = isHigh(unit) || isLow(unit) ? 0xfffd : unit;
      bytes[to++] = 0xe0 | (point >> 12);
      bytes[to++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[to++] = 0x80 | (point & 0x3f);
    }
  }
  return to;
}

/** The name that the bytes from `start` to `end` spell. */
export function decodeName(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start;
  while (at + 8 <= end) {
    const a = bytes[at] ?? 0;
    const b = bytes[at + 1] ?? 0;
    const c = bytes[at + 2] ?? 0;
    const d = bytes[at + 3] ?? 0;
    const e = bytes[at + 4] ?? 0;
    const f = bytes[at + 5] ?? 0;
    const g = bytes[at + 6] ?? 0;
    const h = bytes[at + 7] ?? 0;
    if ((a | b | c | d | e | f | g | h) >= 0x80) break;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
    at += 8;
  }
  while (at < end) {
    const length = sequenceLength(bytes, at, end);
    text += length === 0 ? String.fromCharCode(0xdc00 | (bytes[at] ?? 0)) : character(bytes, at, length);
    at += length === 0 ? 1 : length;
  }
  return text;
}

/** U+DC80..U+DCFF: a byte that was not part of valid UTF-8. Called only for units not consumed by a pair. */
function isEscape(unit: number): boolean {
  return unit >= 0xdc80 && unit <= 0xdcff;
}

function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

/** Bytes of the valid UTF-8 sequence at `at`, 1 to 4; 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > end) return 0;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  // Overlong forms, surrogates and points above U+10FFFF are not UTF-8.
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  return length;
}

function character(bytes: Uint8Array, at: number, length: number): string {
  const first = bytes[at] ?? 0;
  if (length === 1) return String.fromCharCode(first);
  const second = (bytes[at + 1] ?? 0) & 0x3f;
  if (length === 2) return String.fromCharCode(((first & 0x1f) << 6) | second);
  const third = (bytes[at + 2] ?? 0) & 0x3f;
  if (length === 3) return String.fromCharCode(((first & 0x0f) << 12) | (second << 6) | third);
  const fourth = (bytes[at + 3] ?? 0) & 0x3f;
  return String.fromCodePoint(((first & 0x07) << 18) | (second << 12) | (third << 6) | fourth);
}
