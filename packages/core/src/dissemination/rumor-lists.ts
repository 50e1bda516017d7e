import type { Rumor } from "./rumor.ts";

/** More transmissions than any rumor gets. Unlike `Infinity` it is a small integer: every packet reads it. */
const NO_LIST = 0x3fff_ffff;

/** Rumors in doubly linked lists, one for each number of transmissions. The rumor added last is first in its list. */
export class RumorLists {
  readonly heads: (Rumor | null)[] = [];
  readonly #tails: (Rumor | null)[] = [];
  size = 0;
  /** All lists below this one are empty. */
  #lowest = 0;

  /** The list at which a search for rumors starts: all lists below it are empty. `NO_LIST` if all lists are empty. */
  get start(): number {
    return this.size === 0 ? NO_LIST : this.#lowest;
  }

  add(rumor: Rumor): void {
    while (this.heads.length <= rumor.transmits) {
      this.heads.push(null);
      this.#tails.push(null);
    }
    const head = this.heads[rumor.transmits] ?? null;
    rumor.older = head;
    rumor.newer = null;
    if (head === null) this.#tails[rumor.transmits] = rumor;
    else head.newer = rumor;
    this.heads[rumor.transmits] = rumor;
    this.#lowest = this.size === 0 ? rumor.transmits : Math.min(this.#lowest, rumor.transmits);
    this.size++;
  }

  remove(rumor: Rumor): void {
    if (rumor.newer === null) this.heads[rumor.transmits] = rumor.older;
    else rumor.newer.older = rumor.older;
    if (rumor.older === null) this.#tails[rumor.transmits] = rumor.newer;
    else rumor.older.newer = rumor.newer;
    rumor.newer = null;
    rumor.older = null;
    this.size--;
  }

  /** The rumor to send next. */
  first(): Rumor | null {
    if (this.size === 0) return null;
    while ((this.heads[this.#lowest] ?? null) === null) this.#lowest++;
    return this.heads[this.#lowest] ?? null;
  }

  /** The rumor to drop first: the one sent most, and of those the one added first. */
  last(): Rumor | null {
    if (this.size === 0) return null;
    for (let transmits = this.heads.length - 1; transmits >= 0; transmits--) {
      const tail = this.#tails[transmits] ?? null;
      if (tail !== null) return tail;
    }
    return null;
  }
}
