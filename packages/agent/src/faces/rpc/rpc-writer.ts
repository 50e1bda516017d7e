import { Writer } from "@hearsay/core/msgpack";

/**
 * Writes msgpack as Serf's RPC does: like the gossip, but strings and bytes in the forms of the newer specification
 * (docs/protocol/serf.md, section 22).
 */
export class RpcWriter extends Writer {
  override name(text: string): void {
    const bytes = Buffer.from(text);
    if (bytes.length < 32) this.byte(0xa0 | bytes.length);
    else this.#head(bytes.length, 0xd9);
    this.raw(bytes);
  }

  override blob(bytes: Uint8Array | null): void {
    if (bytes === null) return this.byte(0xc0);
    this.#head(bytes.length, 0xc4);
    this.raw(bytes);
  }

  /** `narrow` is the head for a length of one byte; the heads for two and four bytes follow it. */
  #head(length: number, narrow: number): void {
    if (length < 0x100) {
      this.byte(narrow);
      this.byte(length);
    } else if (length < 0x1_0000) {
      this.byte(narrow + 1);
      this.byte(length >> 8);
      this.byte(length & 0xff);
    } else {
      this.byte(narrow + 2);
      this.u32(length);
    }
  }
}
