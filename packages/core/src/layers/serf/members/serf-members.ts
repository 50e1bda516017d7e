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

/** What other parts do when members change. */
export interface MembersSink {
  /** Refutes a leave intent about this node, which is not leaving. */
  refute(call: Call): void;
  /** A member was forgotten. */
  erased(name: string): void;
}

/** How long a member may be leaving, as a multiple of the longest leave. */
const LEAVES = 5;

/**
 * Which members are alive, leaving, left and failed, by Serf's rules: membership detects that a member is gone, and
 * intents tell why (docs/protocol/serf.md, sections 6, 7 and 9).
 */
export class SerfMembers {
  readonly table: SerfMemberTable;
  readonly recentIntents: RecentIntents;
  readonly #parts: SerfParts;
  readonly #sink: MembersSink;
  /** Whether this node is leaving. */
  isLeaving = false;

  constructor(parts: SerfParts, sink: MembersSink) {
    this.#parts = parts;
    this.#sink = sink;
    this.table = new SerfMemberTable(parts.host);
    this.recentIntents = new RecentIntents(parts.counters);
  }

  /** The change to report to the application for a change from membership (section 6.1). */
  changed(call: Call, change: MemberChange): MemberChange | null {
    const member = this.table.get(change.member.name);
    switch (change.kind) {
      case "joined":
        return this.#joined(call, change, member);
      case "failed":
      case "left":
        return member === undefined ? null : this.#gone(call, change, member);
      case "reaped":
        // Membership reaps failed and left members after half a minute; this list remembers them for a day.
        if (member !== undefined) member.last = withStatus(change.member, member.status);
        return null;
      case "recovered":
        return member === undefined ? null : this.#recovered(call, change, member);
      default:
        return member === undefined ? null : told(change, member);
    }
  }

  /** Handles a join intent (section 7.1). Returns whether to relay it. */
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

  /** Handles a leave intent (section 7.2). Returns whether to relay it. */
  leaveIntent(call: Call, { node, lTime, prune }: LeaveIntent): boolean {
    const { memberClock, counters, host } = this.#parts;
    counters.intents++;
    memberClock.witness(call, lTime);
    const member = this.table.get(node);
    if (member === undefined) return this.#remember(call, node, lTime, true);
    const isRefutable = node === host.name && !this.isLeaving;
    // A forced leave may have the same time as this node's own join intent. Members that hear the leave first keep it,
    // so it is refuted too; the reference treats it as stale.
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

  /** Forgets members that have been gone for long enough, and old intents (section 9). */
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
   * Marks members that should have left and are still present as alive: the leave was forced, and its refutation was
   * lost or had the same time. The reference shows such a member as leaving forever.
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
    // A leave whose intent was lost still is a leave; the reference treats it as a failure.
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

  /** A suspect may recover with other tags or another address, which is a separate change. */
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

  /** Marks a failed member as left, after a forced leave. */
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

  /**
   * The reference blocks the whole node until a leaving member is gone; here the member is forgotten once it is gone.
   */
  #prune(call: Call, member: SerfMember): void {
    if (member.status === STATUS_LEAVING) member.isPruned = true;
    else this.#erase(call, member, "removed");
  }

  #erase(call: Call, member: SerfMember, why: "forgotten" | "removed"): void {
    const { host } = this.#parts;
    const view = this.table.view(member);
    this.table.remove(member);
    this.#sink.erased(member.name);
    // A member that was forgotten on purpose is no longer looked for.
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

/** A leaving member was leaving before the change too; membership knows the rest of the previous view. */
function withPreviousStatus({ previous }: MemberChange, status: SerfMember["status"]): MemberView | null {
  return previous !== null && status === STATUS_LEAVING ? withStatus(previous, status) : previous;
}

function isSameRecord(a: MemberView, b: MemberView): boolean {
  return a.address.key === b.address.key && sameBytes(a.meta, b.meta) && sameBytes(a.versions, b.versions);
}
