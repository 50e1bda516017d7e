import type { ChangeKind } from "@hearsay/core";
import type { Change } from "./change-feed.ts";
import { isSameRecord, type Member } from "./member.ts";

/** What is gathered of one member. */
interface Gathered {
  /** The member as of the start; null if it was unknown then. */
  readonly previous: Member | null;
  readonly last: Change;
  /** Whether it was not there at some moment: it may be another process now. */
  readonly wasGone: boolean;
}

/**
 * What some changes come to: of each member one change, from what it was before the first to what it is after the last. It
 * is kept by name as they come, so that members that come and go cost nothing, however long it is gathered.
 */
export class NetResult {
  readonly #byName = new Map<string, Gathered>();
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
    const wasGone = earlier?.wasGone === true || isGone(change);
    this.version = change.version;
    // Removed first, so that the order is that of the last changes.
    this.#byName.delete(name);
    // A member that came and was forgotten is no change.
    if (previous !== null || change.type !== "reaped") this.#byName.set(name, { previous, last: change, wasGone });
  }

  /** Members that are kept. */
  get size(): number {
    return this.#byName.size;
  }

  /** In the order in which they happened; nothing of a member that is again what it was. */
  changes(): Change[] {
    return [...this.#byName.values()].flatMap((gathered) => {
      const type = kindOf(gathered);
      return type === null ? [] : [{ ...gathered.last, type, previous: gathered.previous }];
    });
  }
}

/** What lies between a member's first state and its last; null for nothing. The last change's own kind doesn't tell. */
function kindOf({ previous, last: { type, member }, wasGone }: Gathered): ChangeKind | null {
  if (type === "reaped") return "reaped";
  const { status } = member;
  if (status === "failed" || status === "left") {
    if (previous?.status === status && isSameRecord(previous, member)) return null;
    return status === "failed" ? "failed" : "left";
  }
  if (previous === null || previous.status === "failed" || previous.status === "left") return "joined";
  if (wasGone || !isSameRecord(previous, member)) return "updated";
  if (status === previous.status) return null;
  if (status === "alive") return "recovered";
  return status === "suspect" ? "suspected" : "leaving";
}

function isGone({ type }: Change): boolean {
  return type === "failed" || type === "left" || type === "reaped";
}
