import type { Cause } from "../call/events.ts";

/** Causes kept for each member. */
export const CAUSES_PER_MEMBER_MAX = 16;
/** Members whose causes are kept; those without news for longest are dropped first. */
export const MEMBERS_WITH_CAUSES_MAX = 4096;

/** The last causes of each member's state: the evidence that `explain` returns. */
export class Evidence {
  readonly #causes = new Map<string, Cause[]>();

  add(name: string, cause: Cause): void {
    const causes = this.#causes.get(name) ?? [];
    // Deleting and setting moves the member to the end of the map's order, so the first key is the stalest.
    this.#causes.delete(name);
    this.#causes.set(name, causes);
    causes.push(cause);
    if (causes.length > CAUSES_PER_MEMBER_MAX) causes.shift();
    if (this.#causes.size > MEMBERS_WITH_CAUSES_MAX) {
      for (const stalest of this.#causes.keys()) {
        this.#causes.delete(stalest);
        break;
      }
    }
  }

  /** The member's causes, oldest first; empty if there are none. */
  of(name: string): readonly Cause[] {
    return [...(this.#causes.get(name) ?? [])];
  }

  /** The newest cause, without copying. */
  last(name: string): Cause | undefined {
    return this.#causes.get(name)?.at(-1);
  }
}
