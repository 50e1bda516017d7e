import type { CoreEvent, MemberView } from "@hearsay/core";
import { type HandlerGuard, Listeners } from "../base/listeners.ts";
import type { Member } from "./member.ts";
import type { Roster } from "./roster.ts";

/** What presence works with. */
export interface PresenceParts {
  readonly roster: Roster;
  /** Calls `act` when no event is being delivered to the services; events that `act` causes wait until it returns. */
  readonly betweenEvents: (act: () => void) => void;
  readonly guard: HandlerGuard<Member>;
}

/**
 * Calls the application's handlers as members come and go. A member is present unless it has failed or left. For
 * handlers added in the same turn, the members passed to `onJoin` but not since to `onLeave` are the members present.
 */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #joins = new Listeners<Member>();
  readonly #leaves = new Listeners<Member>();

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /**
   * Calls `handler` with each member that is present, then with each that comes. Returns a function that removes it.
   */
  onJoin(handler: (member: Member) => unknown): () => void {
    const { roster, guard } = this.#parts;
    return this.#begin(() => {
      const first = new Listeners<Member>();
      first.add(handler, guard);
      for (const member of roster.all()) if (isPresent(member)) first.tell(member);
      return this.#joins.add(handler, guard);
    });
  }

  /** Calls `handler` with each member that goes. Returns a function that removes the handler. */
  onLeave(handler: (member: Member) => unknown): () => void {
    return this.#begin(() => this.#leaves.add(handler, this.#parts.guard));
  }

  handle(event: CoreEvent): void {
    if (event.type !== "member") return;
    const wasHere = event.previous !== null && isPresent(event.previous);
    const isHere = isPresent(event.member);
    if (wasHere === isHere) return;
    const listeners = isHere ? this.#joins : this.#leaves;
    if (listeners.size > 0) listeners.tell(this.#parts.roster.member(event.member));
  }

  /** Removes all handlers. */
  close(): void {
    this.#joins.clear();
    this.#leaves.clear();
  }

  /** The roster is ahead of events that are still being delivered: its members would be reported a second time. */
  #begin(begin: () => () => void): () => void {
    let isOver = false;
    let end = (): void => {};
    this.#parts.betweenEvents(() => {
      if (!isOver) end = begin();
    });
    return () => {
      isOver = true;
      end();
    };
  }
}

function isPresent({ status }: Pick<MemberView, "status">): boolean {
  return status !== "failed" && status !== "left";
}
