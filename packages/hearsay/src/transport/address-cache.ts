import { type Address, addressFromText } from "@hearsay/core";

/**
 * Caches the sources of datagrams, so that each has one `Address` and a packet needs no parsing.
 *
 * Sources can be forged, so the cache is bounded. When full it is cleared: that costs one parsing per source, whereas
 * tracking their age would cost something for each packet.
 */
export class AddressCache {
  readonly #limit: number;
  readonly #hosts = new Map<string, Map<number, Address | null>>();
  #size = 0;

  /** @param limit Most addresses to keep. */
  constructor(limit = 65_536) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** The address of an IP literal and a port; null if no `Address` can represent it, such as IPv6 with a zone. */
  get(host: string, port: number): Address | null {
    const known = this.#hosts.get(host)?.get(port);
    return known === undefined ? this.#add(host, port) : known;
  }

  #add(host: string, port: number): Address | null {
    if (this.#size >= this.#limit) {
      this.#hosts.clear();
      this.#size = 0;
    }
    const address = addressFromText(host, port);
    const ports = this.#hosts.get(host);
    if (ports === undefined) this.#hosts.set(host, new Map([[port, address]]));
    else ports.set(port, address);
    this.#size++;
    return address;
  }
}
