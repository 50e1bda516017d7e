/** Sequence numbers of pings: 32 bits, from 1 up; they wrap to 1, skipping 0 (docs/protocol/memberlist.md, 12.1). */
export class Sequence {
  #last = 0;

  next(): number {
    this.#last = this.#last >= 0xffff_ffff ? 1 : this.#last + 1;
    return this.#last;
  }
}
