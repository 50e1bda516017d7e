import type { Change, ChangeKind, Member, Snapshot } from "hearsay";
import type { MemberEvent, MemberEventType } from "./agent-event.ts";

/** Serf has no event for a suspicion. */
const EVENTS: Readonly<Partial<Record<ChangeKind, MemberEventType>>> = {
  joined: "member-join",
  left: "member-leave",
  failed: "member-failed",
  updated: "member-update",
  reaped: "member-reap",
};

/**
 * Makes member events from the feed of changes. A snapshot, which the feed gives at first and to a reader that fell
 * behind, becomes the events that lead to it.
 */
export class MemberEvents {
  readonly #known = new Map<string, Member>();

  of(item: Snapshot | Change): MemberEvent[] {
    if (item.type === "snapshot") return this.#caughtUp(item.members);
    const { member } = item;
    if (item.type === "reaped") this.#known.delete(member.name);
    else this.#known.set(member.name, member);
    const type = EVENTS[item.type];
    return type === undefined ? [] : [{ type, member, isForced: item.cause.kind === "removed" }];
  }

  #caughtUp(members: readonly Member[]): MemberEvent[] {
    const events: MemberEvent[] = [];
    const names = new Set<string>();
    for (const member of members) {
      names.add(member.name);
      const type = transition(this.#known.get(member.name), member);
      if (type !== null) events.push({ type, member, isForced: false });
      this.#known.set(member.name, member);
    }
    for (const [name, member] of this.#known) {
      if (names.has(name)) continue;
      this.#known.delete(name);
      events.push({ type: "member-reap", member, isForced: false });
    }
    return events;
  }
}

/** The event between two views of a member; null if Serf has none. */
function transition(before: Member | undefined, after: Member): MemberEventType | null {
  const stateOf = (member: Member | undefined): "failed" | "left" | "present" | "unknown" => {
    if (member === undefined) return "unknown";
    return member.status === "failed" || member.status === "left" ? member.status : "present";
  };
  const now = stateOf(after);
  if (now === stateOf(before)) {
    return now === "present" && before?.incarnation !== after.incarnation ? "member-update" : null;
  }
  if (now === "present") return "member-join";
  return now === "failed" ? "member-failed" : "member-leave";
}
