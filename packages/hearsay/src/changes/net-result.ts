import type { Change } from "./change-feed.ts";

/**
 * What some changes come to: the last one of each member, seen from before the first. It is kept by name as they come, so
 * that members that come and go cost nothing, however long it is gathered.
 */
export class NetResult {
  readonly #byName = new Map<string, Change>();
  /** That of the last change. */
  version: number;

  constructor(first: Change) {
    this.version = first.version;
    this.add(first);
  }

  add(change: Change): void {
    const { name } = change.member;
    const earlier = this.#byName.get(name);
    const previous = earlier === undefined ? change.previous : earlier.previous;
    this.version = change.version;
    // Removed first, so that the order is that of the last changes.
    this.#byName.delete(name);
    // A member that came and was forgotten is no change.
    if (previous !== null || change.type !== "reaped") this.#byName.set(name, { ...change, previous });
  }

  /** Members of which there is something to tell. */
  get size(): number {
    return this.#byName.size;
  }

  /** In the order in which they happened. */
  changes(): Change[] {
    return [...this.#byName.values()];
  }
}
