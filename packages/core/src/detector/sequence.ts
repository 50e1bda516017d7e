/** Sequence numbers of pings: 1 and up, wrapping within 32 bits past 0 (docs/protocol/memberlist.md, 12.1). */
export class Sequence {
  #last = 0;

  next(): number {
    this.#last = this.#last >= 0xffff_ffff ? 1 : this.#last + 1;
    return this.#last;
  }
}
