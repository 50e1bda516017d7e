import { isDeepStrictEqual } from "node:util";
import type { Member } from "hearsay";
import { MEMBER_EVENT_TYPES, type MemberEvent, type MemberEventType } from "./agent-event.ts";
import { BatchTime, type CoalescePeriods } from "./coalescer.ts";

/** All members to which one thing happened. */
export interface MemberBatch {
  readonly type: MemberEventType;
  readonly members: readonly Member[];
}

/**
 * Gathers what happens to members and delivers its outcome: of each member the one event that leads from what was delivered
 * last to what is so now, and none if that is the same (docs/protocol/serf.md, section 16). The reference delivers the latest
 * event, whatever came before it: of a member that joins and changes its tags, the change alone.
 */
export class MemberCoalescer {
  readonly #time: BatchTime;
  readonly #latest = new Map<string, MemberEvent>();
  /** What was delivered last, of each member that is known. */
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

  /** What there is to deliver, one batch for each type. */
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

/** What to tell somebody who was told `delivered` last; null for nothing. */
function outcome(delivered: MemberEvent | undefined, { type, member }: MemberEvent): MemberEventType | null {
  // Nobody was told that a member which came and was forgotten was there.
  if (type === "member-reap") return delivered === undefined ? null : type;
  if (type === "member-leave" || type === "member-failed") return delivered?.type === type ? null : type;
  if (delivered === undefined || !isPresent(delivered)) return "member-join";
  return isSameRecord(delivered.member, member) ? null : "member-update";
}

function isPresent({ type }: MemberEvent): boolean {
  return type === "member-join" || type === "member-update";
}

/** Whether a member tells the same of itself in both: where it is, its tags and whatever it tells besides, what it speaks. */
function isSameRecord(one: Member, other: Member): boolean {
  const recordOf = ({ address, meta, versions }: Member): unknown => [address, meta, versions];
  return isDeepStrictEqual(recordOf(one), recordOf(other));
}
