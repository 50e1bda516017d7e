import { sameBytes } from "../../../base/bytes.ts";
import type { Call } from "../../../call/call.ts";
import type { CauseKind, ChangeKind, MemberChange, MemberView } from "../../../call/events.ts";
import { isNameTooLong } from "../../../membership/acceptance.ts";
import type { SerfParts } from "../serf-parts.ts";
import {
  type JoinIntent,
  type LeaveIntent,
  STATUS_ALIVE,
  STATUS_FAILED,
  STATUS_LEAVING,
  STATUS_LEFT,
} from "../wire/messages.ts";
import { RecentIntents } from "./recent-intents.ts";
import type { SerfMember } from "./serf-member.ts";
import { SerfMemberTable, withStatus } from "./serf-member-table.ts";

/** Who else must know of members that come and go. */
export interface MembersSink {
  /** A leave intent says that this node leaves, which it doesn't. */
  refute(call: Call): void;
  /** A member was forgotten. */
  erased(name: string): void;
}

/** How many times as long as a leave takes at most a member is believed that it leaves. */
const LEAVES = 5;

/**
 * Who is here, who is leaving, who left and who failed, by Serf's rules: membership finds out that a member is gone, and
 * the intents tell why (docs/protocol/serf.md, sections 6, 7 and 9).
 */
export class SerfMembers {
  readonly table: SerfMemberTable;
  readonly recentIntents: RecentIntents;
  readonly #parts: SerfParts;
  readonly #sink: MembersSink;
  /** Whether this node is on its way out. */
  isLeaving = false;

  constructor(parts: SerfParts, sink: MembersSink) {
    this.#parts = parts;
    this.#sink = sink;
    this.table = new SerfMemberTable(parts.host);
    this.recentIntents = new RecentIntents(parts.counters);
  }

  /** What the application is told of what membership reports (section 6.1). */
  changed(call: Call, change: MemberChange): MemberChange | null {
    const member = this.table.get(change.member.name);
    switch (change.kind) {
      case "joined":
        return this.#joined(call, change, member);
      case "failed":
      case "left":
        return member === undefined ? null : this.#gone(call, change, member);
      case "reaped":
        // Membership forgets the gone after half a minute; here they are remembered for a day.
        if (member !== undefined) member.last = withStatus(change.member, member.status);
        return null;
      case "recovered":
        return member === undefined ? null : this.#recovered(call, change, member);
      default:
        return member === undefined ? null : told(change, member);
    }
  }

  /** Section 7.1. Returns whether to pass it on. */
  joinIntent(call: Call, { node, lTime }: JoinIntent): boolean {
    const { memberClock, counters } = this.#parts;
    counters.intents++;
    memberClock.witness(call, lTime);
    const member = this.table.get(node);
    if (member === undefined) return this.#remember(call, node, lTime, false);
    if (lTime <= member.lTime) {
      counters.intentsStale++;
      return false;
    }
    member.lTime = lTime;
    if (member.status === STATUS_LEAVING) this.#turn(call, member, STATUS_ALIVE, "recovered", "refuted");
    return true;
  }

  /** Section 7.2. Returns whether to pass it on. */
  leaveIntent(call: Call, { node, lTime, prune }: LeaveIntent): boolean {
    const { memberClock, counters, host } = this.#parts;
    counters.intents++;
    memberClock.witness(call, lTime);
    const member = this.table.get(node);
    if (member === undefined) return this.#remember(call, node, lTime, true);
    const isRefutable = node === host.name && !this.isLeaving;
    // Somebody may have had this node leave at the very time of its own join intent. Who hears the leave first keeps to
    // it, so it is refuted too; the reference takes it for stale.
    const isTie = isRefutable && host.repairs && lTime === member.lTime;
    if (lTime <= member.lTime && !isTie) {
      counters.intentsStale++;
      return false;
    }
    if (isRefutable) {
      counters.leavesRefuted++;
      this.#sink.refute(call);
      return false;
    }
    member.lTime = lTime;
    if (member.status === STATUS_ALIVE) this.#turn(call, member, STATUS_LEAVING, "leaving", "intended");
    else if (member.status === STATUS_FAILED) this.#removed(call, member);
    if (prune) this.#prune(call, member);
    return true;
  }

  /** Forgets whoever has been gone for long enough, and old intents (section 9). */
  reap(call: Call): void {
    const { reconnectTimeoutMs, tombstoneTimeoutMs, recentIntentTimeoutMs } = this.#parts.config;
    for (const member of this.table.gone()) {
      const goneForMs = call.now - member.statusSince;
      if (member.status === STATUS_FAILED && goneForMs > reconnectTimeoutMs) this.#erase(call, member, "forgotten");
      else if (member.status === STATUS_LEFT && goneForMs > tombstoneTimeoutMs) this.#erase(call, member, "forgotten");
    }
    if (this.#parts.host.repairs) this.#doubtLeaving(call);
    this.recentIntents.expire(call.now - recentIntentTimeoutMs);
  }

  /**
   * Whoever was to leave and is still here stays: the intent was somebody else's and its refutation went astray, or had
   * the same time. The reference shows such a member as leaving for ever.
   */
  #doubtLeaving(call: Call): void {
    if (this.table.count(STATUS_LEAVING) === 0) return;
    const { host, config } = this.#parts;
    const before = call.now - LEAVES * (2 * config.broadcastTimeoutMs + config.leavePropagateDelayMs);
    for (const member of this.table.all()) {
      const isLate = member.status === STATUS_LEAVING && member.statusSince < before && member.name !== host.name;
      if (isLate) this.#turn(call, member, STATUS_ALIVE, "recovered", "stayed");
    }
  }

  #joined(call: Call, change: MemberChange, member: SerfMember | undefined): MemberChange {
    if (member === undefined) {
      const { name } = change.member;
      const intent = this.recentIntents.get(name);
      const added = this.table.add(name, intent?.isLeave ? STATUS_LEAVING : STATUS_ALIVE, intent?.lTime ?? 0);
      added.statusSince = call.now;
      return told(change, added);
    }
    const before = change.previous ?? member.last;
    const previous = before === null ? null : withStatus(before, member.status);
    this.table.setStatus(member, STATUS_ALIVE);
    member.last = null;
    member.isPruned = false;
    return { ...change, previous };
  }

  #gone(call: Call, change: MemberChange, member: SerfMember): MemberChange | null {
    const { status } = member;
    if (status === STATUS_LEFT || status === STATUS_FAILED) return null;
    // A goodbye whose intent went astray is a goodbye; the reference takes it for a failure.
    const hasLeft = status === STATUS_LEAVING || (change.kind === "left" && this.#parts.host.repairs);
    const previous = change.previous === null ? null : withStatus(change.previous, status);
    this.table.setStatus(member, hasLeft ? STATUS_LEFT : STATUS_FAILED);
    member.statusSince = call.now;
    if (hasLeft) this.#parts.host.markLeft(member.name);
    const report = { ...change, kind: hasLeft ? "left" : "failed", previous } as const;
    const excess = this.table.excess();
    if (excess !== null) {
      this.#parts.counters.membersForgotten++;
      this.#erase(call, excess, "forgotten");
    }
    if (!member.isPruned) return told(report, member);
    this.#parts.host.changed(call, told(report, member));
    this.#erase(call, member, "removed");
    return null;
  }

  /** A suspect may come back with other tags or from another address, which is news of its own. */
  #recovered(call: Call, change: MemberChange, member: SerfMember): MemberChange {
    const report = told(change, member);
    const { previous } = report;
    if (previous === null || isSameRecord(previous, report.member)) return report;
    this.#parts.host.changed(call, { ...report, member: { ...previous, status: report.member.status } });
    return { ...report, kind: "updated", previous: { ...previous, status: report.member.status } };
  }

  #remember(call: Call, name: string, lTime: number, isLeave: boolean): boolean {
    if (name === "" || isNameTooLong(name)) {
      this.#parts.counters.messagesRefused++;
      return false;
    }
    return this.recentIntents.upsert(name, { isLeave, lTime, at: call.now });
  }

  #turn(
    call: Call,
    member: SerfMember,
    status: typeof STATUS_ALIVE | typeof STATUS_LEAVING,
    kind: ChangeKind,
    why: CauseKind,
  ): void {
    const previous = this.table.view(member) ?? null;
    this.table.setStatus(member, status);
    member.statusSince = call.now;
    member.isPruned = false;
    const view = this.table.view(member);
    if (view === undefined) return;
    const cause = this.#parts.host.note(call, member.name, why, view.status, member.name);
    this.#parts.host.changed(call, { type: "member", kind, member: view, previous, cause });
  }

  /** Somebody has a failed member count as one that left. */
  #removed(call: Call, member: SerfMember): void {
    const { host } = this.#parts;
    const previous = this.table.view(member) ?? null;
    this.table.setStatus(member, STATUS_LEFT);
    host.markLeft(member.name);
    const view = this.table.view(member);
    if (view === undefined) return;
    const cause = host.note(call, member.name, "removed", "left", "");
    this.#parts.host.changed(call, { type: "member", kind: "left", member: view, previous, cause });
  }

  /** The reference waits for a leaving member to go, and the whole node with it; here it is forgotten once it is gone. */
  #prune(call: Call, member: SerfMember): void {
    if (member.status === STATUS_LEAVING) member.isPruned = true;
    else this.#erase(call, member, "removed");
  }

  #erase(call: Call, member: SerfMember, why: "forgotten" | "removed"): void {
    const { host } = this.#parts;
    const view = this.table.view(member);
    this.table.remove(member);
    this.#sink.erased(member.name);
    // Whoever is forgotten on purpose isn't looked for any more.
    host.markLeft(member.name);
    if (view === undefined) return;
    const cause = host.note(call, member.name, why, view.status, member.name);
    this.#parts.host.changed(call, { type: "member", kind: "reaped", member: view, previous: view, cause });
  }
}

function told(change: MemberChange, { status }: SerfMember): MemberChange {
  const previous = change.previous === null ? null : withPreviousStatus(change, status);
  return { ...change, member: withStatus(change.member, status), previous };
}

/** While a member is leaving, it was so before the change too; all else about the past membership knows. */
function withPreviousStatus({ previous }: MemberChange, status: SerfMember["status"]): MemberView | null {
  return previous !== null && status === STATUS_LEAVING ? withStatus(previous, status) : previous;
}

function isSameRecord(a: MemberView, b: MemberView): boolean {
  return a.address.key === b.address.key && sameBytes(a.meta, b.meta) && sameBytes(a.versions, b.versions);
}
