import { below, type Random } from "@hearsay/core";

/** One member that a snapshot tells of. */
export interface FormerMember {
  readonly name: string;
  /** `host:port`, as it was written. */
  readonly address: string;
}

/**
 * Those who were alive to this node in an earlier life, and of whom it has heard nothing yet in this one. They are looked
 * for until the membership knows them, in whatever state, since from there on its own rules apply.
 */
export class FormerMembers {
  readonly #missing: Map<string, string>;
  readonly #forgetAt: number;

  /** `aliveNodes`: addresses by name, without this node. `forgetAt`: when whoever is missing is given up. */
  constructor(aliveNodes: ReadonlyMap<string, string>, forgetAt: number, random: Random) {
    this.#missing = new Map(shuffled([...aliveNodes], random));
    this.#forgetAt = forgetAt;
  }

  /** Members that are still missing. */
  get size(): number {
    return this.#missing.size;
  }

  /** Drops those who are known, and after the time limit all others, whom it returns. */
  settle(now: number, isKnown: (name: string) => boolean): string[] {
    for (const name of this.#missing.keys()) if (isKnown(name)) this.#missing.delete(name);
    if (now < this.#forgetAt) return [];
    const forgotten = [...this.#missing.keys()];
    this.#missing.clear();
    return forgotten;
  }

  /** The next few, each of whom has its turn again only after all others. */
  take(count: number): FormerMember[] {
    const taken: FormerMember[] = [];
    for (const [name, address] of this.#missing) {
      if (taken.length >= count) break;
      taken.push({ name, address });
    }
    for (const { name, address } of taken) {
      this.#missing.delete(name);
      this.#missing.set(name, address);
    }
    return taken;
  }
}

/** The items in an order that chance chooses. */
export function shuffled<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}
