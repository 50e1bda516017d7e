import { hasAt, MAGIC } from "./magic.ts";

/**
 * Sections: the parts that layers add to the states that nodes exchange (docs/protocol/hearsay.md, section 10). They
 * follow the bare bytes: Serf's state, or nothing.
 */

/** `C1 48 53`, the number of the section, and the length of its bytes. */
const HEADER_BYTES = 8;

/** Bytes of all sections of one state together, headers included. */
export const SECTIONS_BYTES_MAX: number = 1024 * 1024;

/** Sections of one state; each number occurs at most once. */
export const SECTIONS_MAX = 255;

/** One section, as a view into a state. */
export interface Section {
  readonly number: number;
  readonly bytes: Uint8Array;
  /** Where the next one begins. */
  readonly end: number;
}

/** The section at an offset; null if none begins there, or if it doesn't end by `limit`. */
export function readSection(state: Uint8Array, at: number, limit: number): Section | null {
  if (!hasAt(state, at, MAGIC)) return null;
  const start = at + HEADER_BYTES;
  if (start > limit) return null;
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
  const end = start + view.getUint32(at + 4);
  return end > limit ? null : { number: state[at + 3] ?? 0, bytes: state.subarray(start, end), end };
}

/** Writes a state: the bare bytes, and then as many of the sections, in their order, as there is room for. */
export class SectionWriter {
  readonly #chunks: Uint8Array[];
  #bytes: number;
  #room: number = SECTIONS_BYTES_MAX;

  constructor(bare: Uint8Array) {
    this.#chunks = [bare];
    this.#bytes = bare.length;
  }

  /** Returns false if there is no room for the section. */
  add(number: number, bytes: Uint8Array): boolean {
    if (HEADER_BYTES + bytes.length > this.#room) return false;
    const header = Uint8Array.of(...MAGIC, number, 0, 0, 0, 0);
    new DataView(header.buffer).setUint32(4, bytes.length);
    this.#chunks.push(header, bytes);
    this.#bytes += HEADER_BYTES + bytes.length;
    this.#room -= HEADER_BYTES + bytes.length;
    return true;
  }

  finish(): Uint8Array {
    if (this.#chunks.length === 1) return this.#chunks[0] as Uint8Array;
    const state = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      state.set(chunk, at);
      at += chunk.length;
    }
    return state;
  }
}
