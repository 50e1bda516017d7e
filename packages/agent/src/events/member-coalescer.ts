import { isDeepStrictEqual } from "node:util";
import type { Member } from "hearsay";
import { MEMBER_EVENT_TYPES, type MemberEvent, type MemberEventType } from "./agent-event.ts";
import { BatchTime, type CoalescePeriods } from "./coalescer.ts";

/** All members with the same type of event. */
export interface MemberBatch {
  readonly type: MemberEventType;
  readonly members: readonly Member[];
}

/**
 * Gathers member events and delivers their outcome: for each member the one event that leads from the state that was
 * delivered last to the current state, and none if the two are the same (docs/protocol/serf.md, section 16). The
 * reference delivers the latest event regardless of earlier ones: for a member that joins and changes its tags, only
 * the update.
 */
export class MemberCoalescer {
  readonly #time: BatchTime;
  readonly #latest = new Map<string, MemberEvent>();
  /** The event of the last delivery for each known member. */
  readonly #delivered = new Map<string, MemberEvent>();

  constructor(periods: CoalescePeriods) {
    this.#time = new BatchTime(periods);
  }

  get dueAt(): number {
    return this.#time.dueAt;
  }

  add(now: number, event: MemberEvent): void {
    this.#latest.set(event.member.name, event);
    this.#time.grew(now);
  }

  /** Returns the outcome, one batch for each type. */
  flush(): MemberBatch[] {
    const byType = new Map<MemberEventType, Member[]>(MEMBER_EVENT_TYPES.map((type) => [type, []]));
    for (const [name, event] of this.#latest) {
      const type = outcome(this.#delivered.get(name), event);
      if (type !== null) byType.get(type)?.push(event.member);
      if (event.type === "member-reap") this.#delivered.delete(name);
      else this.#delivered.set(name, event);
    }
    this.#latest.clear();
    this.#time.ended();
    return [...byType].filter(([, members]) => members.length > 0).map(([type, members]) => ({ type, members }));
  }
}

/** The event that leads from `delivered` to the given event; null for none. */
function outcome(delivered: MemberEvent | undefined, { type, member }: MemberEvent): MemberEventType | null {
  // A member that joined and was reaped in the same batch was never reported.
  if (type === "member-reap") return delivered === undefined ? null : type;
  if (type === "member-leave" || type === "member-failed") return delivered?.type === type ? null : type;
  if (delivered === undefined || !isPresent(delivered)) return "member-join";
  return isSameRecord(delivered.member, member) ? null : "member-update";
}

function isPresent({ type }: MemberEvent): boolean {
  return type === "member-join" || type === "member-update";
}

/** Whether both have the same address, metadata (tags included) and protocol versions. */
function isSameRecord(one: Member, other: Member): boolean {
  const recordOf = ({ address, meta, versions }: Member): unknown => [address, meta, versions];
  return isDeepStrictEqual(recordOf(one), recordOf(other));
}
