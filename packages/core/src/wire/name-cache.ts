import { CACHED_NAME_BYTES_MAX, CACHED_NAMES_MAX } from "./limits.ts";
import { decodeName } from "./names.ts";

const SLOTS_AT_START = 256;

/**
 * Caches decoded names, so that the names of known members, which are read again and again, cost no allocation.
 *
 * The hash of a name selects its one slot; a new name replaces the old one. Only short ASCII names are kept. The table
 * doubles while names keep displacing each other, up to `CACHED_NAMES_MAX` slots. Results never depend on its content.
 */
export class NameCache {
  #slots: (string | undefined)[] = emptySlots(SLOTS_AT_START);
  #mask = SLOTS_AT_START - 1;
  #displaced = 0;

  /** The same string as `decodeName(bytes, start, end)`. */
  get(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return "";
    if (length > CACHED_NAME_BYTES_MAX) return decodeName(bytes, start, end);
    let hash = length;
    let highBits = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      highBits |= byte;
      hash = Math.imul(hash ^ byte, 0x0100_0193);
    }
    if (highBits >= 0x80) return decodeName(bytes, start, end);
    // The low bits of a product do not depend on the high bits of its factors.
    const slot = (hash ^ (hash >>> 15)) & this.#mask;
    const known = this.#slots[slot];
    if (known !== undefined && spells(known, bytes, start, length)) return known;
    const name = decodeName(bytes, start, end);
    this.#slots[slot] = name;
    if (known !== undefined) this.#onDisplaced();
    return name;
  }

  #onDisplaced(): void {
    this.#displaced++;
    const slots = this.#slots.length;
    if (this.#displaced <= slots || slots >= CACHED_NAMES_MAX) return;
    this.#displaced = 0;
    this.#slots = emptySlots(slots * 2);
    this.#mask = slots * 2 - 1;
  }
}

function spells(name: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) if (name.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

function emptySlots(count: number): (string | undefined)[] {
  return new Array<string | undefined>(count).fill(undefined);
}
