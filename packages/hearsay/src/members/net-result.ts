import type { ChangeKind } from "@hearsay/core";
import type { Change } from "./change-feed.ts";
import { isSameRecord, type Member } from "./member.ts";

/** The changes of one member so far. */
interface Gathered {
  /** The member at the start; null if it was unknown then. */
  readonly previous: Member | null;
  readonly last: Change;
  /** Whether the member was gone in between: it may be another process now. */
  readonly wasGone: boolean;
}

/**
 * The net result of changes: for each member one change, from its state before the first to its state after the last.
 * Only one entry per member is kept, and none for a member that joined and was forgotten.
 */
export class NetResult {
  readonly #byName = new Map<string, Gathered>();
  /** The version of the last change. */
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
    // Deleted first, so that entries are in the order of their last changes.
    this.#byName.delete(name);
    // A member that joined and was forgotten is no change.
    if (previous !== null || change.type !== "reaped") this.#byName.set(name, { previous, last: change, wasGone });
  }

  /** Number of members with an entry. */
  get size(): number {
    return this.#byName.size;
  }

  /** The changes, in the order in which they happened, without members that are again as they were. */
  changes(): Change[] {
    return [...this.#byName.values()].flatMap((gathered) => {
      const type = kindOf(gathered);
      return type === null ? [] : [{ ...gathered.last, type, previous: gathered.previous }];
    });
  }
}

/**
 * The kind of change from a member's first state to its last; null for none. It may differ from the last change's kind.
 */
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
