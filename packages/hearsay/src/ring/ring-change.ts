import type { Placement } from "@hearsay/core/ring";

/** A ring before and after a change of its members. */
export class RingChange {
  readonly #self: string;
  readonly #before: Placement;
  readonly #after: Placement;

  /** Internal. */
  constructor(self: string, before: Placement, after: Placement) {
    this.#self = self;
    this.#before = before;
    this.#after = after;
  }

  /** Names of members that joined the ring. */
  get joined(): string[] {
    return without(this.#after.members, this.#before.members);
  }

  /** Names of members that left the ring. */
  get gone(): string[] {
    return without(this.#before.members, this.#after.members);
  }

  /** The key's owner before the change; undefined if it had none. */
  previousOwner(key: string): string | undefined {
    return this.#before.owner(key);
  }

  /** The key's owner after the change; undefined if it has none. */
  owner(key: string): string | undefined {
    return this.#after.owner(key);
  }

  /** Whether this node has the key now and did not before: as its owner, or as one of `copies` owners. */
  gained(key: string, copies = 1): boolean {
    return this.#has(this.#after, key, copies) && !this.#has(this.#before, key, copies);
  }

  /** Whether this node had the key and no longer has it. */
  lost(key: string, copies = 1): boolean {
    return this.#has(this.#before, key, copies) && !this.#has(this.#after, key, copies);
  }

  #has(placement: Placement, key: string, copies: number): boolean {
    return copies === 1 ? placement.owner(key) === this.#self : placement.owners(key, copies).includes(this.#self);
  }
}

function without(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return names.filter((name) => !known.has(name));
}
