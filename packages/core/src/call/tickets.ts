/** Numbers by which callers recognise what they asked for, when it is done. */
export class Tickets {
  #last = 0;

  /** One that nobody has; never 0. */
  next(): number {
    return ++this.#last;
  }
}
