import { below, type Random } from "@hearsay/core";

/** One member recorded in a snapshot. */
export interface FormerMember {
  readonly name: string;
  /** `host:port`, as recorded. */
  readonly address: string;
}

/**
 * Members that were alive before this node's restart and that it has not heard of since. They are looked for until the
 * membership knows them, in any status: then its own rules apply.
 */
export class FormerMembers {
  readonly #missing: Map<string, string>;
  readonly #forgetAt: number;

  /** `aliveNodes`: addresses by name, without this node. `forgetAt`: when missing members are given up. */
  constructor(aliveNodes: ReadonlyMap<string, string>, forgetAt: number, random: Random) {
    this.#missing = new Map(shuffled([...aliveNodes], random));
    this.#forgetAt = forgetAt;
  }

  /** Number of members that are still missing. */
  get size(): number {
    return this.#missing.size;
  }

  /** Drops the members that are known by now. After the time limit, drops and returns all others. */
  settle(now: number, isKnown: (name: string) => boolean): string[] {
    for (const name of this.#missing.keys()) if (isKnown(name)) this.#missing.delete(name);
    if (now < this.#forgetAt) return [];
    const forgotten = [...this.#missing.keys()];
    this.#missing.clear();
    return forgotten;
  }

  /** The next few members, in rotation. */
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

/** Shuffles the items in place. */
export function shuffled<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}
