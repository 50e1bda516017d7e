import { type Address, addressFromBytes } from "../base/address.ts";
import { sameBytes } from "../base/bytes.ts";

/** Cells of the cache; each holds one address. */
const CELLS = 4096;

/**
 * Caches addresses by their bytes, so that a packet from or about a known node makes no new object. The cache is
 * direct-mapped: a new address replaces the one in its cell, so the cache is bounded and needs no upkeep.
 */
export class AddressCache {
  readonly #cells: (Address | undefined)[] = [];

  /**
   * The address of raw bytes as received; null unless there are 4 or 16 bytes. `likely` is returned if it matches,
   * which saves the search in a pool that is larger than the cache.
   */
  get(ip: Uint8Array, port: number, likely: Address | null = null): Address | null {
    if (likely !== null && likely.port === port && sameBytes(likely.ip, ip)) return likely;
    let hash = port;
    for (let i = 0; i < ip.length; i++) hash = Math.imul(hash, 31) + (ip[i] as number);
    const cell = (hash >>> 0) % CELLS;
    const known = this.#cells[cell];
    if (known !== undefined && known.port === port && sameBytes(known.ip, ip)) return known;
    const address = addressFromBytes(ip, port);
    if (address !== null) this.#cells[cell] = address;
    return address;
  }
}
