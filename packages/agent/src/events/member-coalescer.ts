import type { Member } from "hearsay";
import { MEMBER_EVENT_TYPES, type MemberEvent, type MemberEventType } from "./agent-event.ts";
import { BatchTime, type CoalescePeriods } from "./coalescer.ts";

/** All members to which one thing happened. */
export interface MemberBatch {
  readonly type: MemberEventType;
  readonly members: readonly Member[];
}

/**
 * Gathers what happens to members and delivers its outcome: of each member the latest event, unless it is the one that was
 * delivered last for it (docs/protocol/serf.md, section 16). An update that was delivered is not delivered again, which
 * the reference does at each later batch.
 */
export class MemberCoalescer {
  readonly #time: BatchTime;
  readonly #latest = new Map<string, MemberEvent>();
  /** What was delivered last, for each member that is known. */
  readonly #delivered = new Map<string, MemberEventType>();

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
    for (const [name, { type, member }] of this.#latest) {
      if (type !== "member-update" && this.#delivered.get(name) === type) continue;
      byType.get(type)?.push(member);
      if (type === "member-reap") this.#delivered.delete(name);
      else this.#delivered.set(name, type);
    }
    this.#latest.clear();
    this.#time.ended();
    return [...byType].filter(([, members]) => members.length > 0).map(([type, members]) => ({ type, members }));
  }
}
