import type { CoreEvent, MemberView } from "@hearsay/core";
import { type HandlerGuard, Listeners } from "../base/listeners.ts";
import type { Member } from "./member.ts";
import type { Roster } from "./roster.ts";

/** What presence works with. */
export interface PresenceParts {
  readonly roster: Roster;
  /** Calls `act` when no event is being delivered to the services; events that `act` causes wait until it returns. */
  readonly betweenEvents: (act: () => void) => void;
  /** Whether the cluster's end has begun: from then on no handler is called. */
  readonly isEnding: () => boolean;
  readonly guard: HandlerGuard<Member>;
}

/**
 * Calls the application's handlers as members come and go. A member is present if it has neither failed nor left. Handlers
 * that are added in one turn begin together, right after it: of any two of them, the members that `onJoin`'s was called
 * with, less those that `onLeave`'s was, are always the present ones.
 */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #joins = new Listeners<Member>();
  readonly #leaves = new Listeners<Member>();
  /** Handlers that were added in this turn, and have not begun. */
  #added: (() => void)[] = [];

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /** Calls `handler` with each present member, and then with each that comes. Returns a function that removes it. */
  onJoin(handler: (member: Member) => unknown): () => void {
    const { roster, guard, isEnding } = this.#parts;
    return this.#add((isRemoved) => {
      const first = new Listeners<Member>();
      first.add(handler, guard);
      for (const member of roster.all()) if (isPresent(member) && !isRemoved() && !isEnding()) first.tell(member);
      return this.#joins.add(handler, guard);
    });
  }

  /** Calls `handler` with each member that goes. Returns a function that removes it. */
  onLeave(handler: (member: Member) => unknown): () => void {
    return this.#add(() => this.#leaves.add(handler, this.#parts.guard));
  }

  handle(event: CoreEvent): void {
    if (event.type !== "member" || this.#parts.isEnding()) return;
    const wasHere = event.previous !== null && isPresent(event.previous);
    const isHere = isPresent(event.member);
    if (wasHere === isHere) return;
    const listeners = isHere ? this.#joins : this.#leaves;
    if (listeners.size > 0) listeners.tell(this.#parts.roster.member(event.member));
  }

  /** Calls no handler after this. */
  close(): void {
    this.#joins.clear();
    this.#leaves.clear();
  }

  #add(begin: (isRemoved: () => boolean) => () => void): () => void {
    let isRemoved = false;
    let remove = (): void => {};
    this.#added.push(() => {
      if (isRemoved) return;
      remove = begin(() => isRemoved);
      if (isRemoved) remove();
    });
    if (this.#added.length === 1) queueMicrotask(() => this.#parts.betweenEvents(() => this.#begin()));
    return () => {
      isRemoved = true;
      remove();
    };
  }

  #begin(): void {
    const added = this.#added;
    this.#added = [];
    for (const begin of added) begin();
  }
}

function isPresent({ status }: Pick<MemberView, "status">): boolean {
  return status !== "failed" && status !== "left";
}
