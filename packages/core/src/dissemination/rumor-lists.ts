import type { Rumor } from "./rumor.ts";

/** More transmissions than any rumor gets. A small integer, unlike `Infinity`: this is looked at for every packet. */
const NO_LIST = 0x3fff_ffff;

/** Rumors in doubly linked lists, one for each number of transmissions, the one filed last first in each. */
export class RumorLists {
  readonly heads: (Rumor | null)[] = [];
  readonly #tails: (Rumor | null)[] = [];
  size = 0;
  /** No list below this one has a rumor. */
  #lowest = 0;

  /** Where to begin to look for rumors: no list below this one has any; a number that no list has if none does. */
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

  /** The rumor to tell next. */
  first(): Rumor | null {
    if (this.size === 0) return null;
    while ((this.heads[this.#lowest] ?? null) === null) this.#lowest++;
    return this.heads[this.#lowest] ?? null;
  }

  /** The rumor to drop first: told most often, and of those the one filed longest ago. */
  last(): Rumor | null {
    if (this.size === 0) return null;
    for (let transmits = this.heads.length - 1; transmits >= 0; transmits--) {
      const tail = this.#tails[transmits] ?? null;
      if (tail !== null) return tail;
    }
    return null;
  }
}
