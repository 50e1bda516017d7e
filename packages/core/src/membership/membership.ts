import type { Address } from "../base/address.ts";
import { EMPTY, sameBytes } from "../base/bytes.ts";
import type { Counters } from "../base/counters.ts";
import type { Rules } from "../base/rules.ts";
import { type Call, type Done, relayed } from "../call/call.ts";
import type { Cause, CauseKind, ChangeKind, MemberView, ProbeReport } from "../call/events.ts";
import { encodeMessage } from "../wire/encode.ts";
import { ALIVE, type Alive, DEAD, type Dead, type Suspect } from "../wire/messages.ts";
import { isAcceptable } from "./acceptance.ts";
import type { Evidence } from "./evidence.ts";
import type { MemberRecord, RecordMaker } from "./member-record.ts";
import type { MemberTable, Slot } from "./member-table.ts";
import type { MembershipSink } from "./membership-sink.ts";
import { INCARNATION_MAX, raisedIncarnation, refutingIncarnation, supersedes } from "./precedence.ts";
import { ALIVE_STATUS, DEAD_STATUS, LEFT_STATUS, type Status, SUSPECT_STATUS, statusName } from "./status.ts";
import type { Suspicions } from "./suspicion.ts";

/** What the merge works with. */
export interface MembershipParts {
  readonly table: MemberTable;
  readonly suspicions: Suspicions;
  readonly evidence: Evidence;
  readonly rules: Rules;
  readonly counters: Counters;
  readonly sink: MembershipSink;
  readonly membersMax: number;
  readonly deadNodeReclaimMs: number;
  readonly makeRecord: RecordMaker;
}

/**
 * The one place where a member's state changes: alive, suspect and dead messages, entries of push/pulls, verdicts of
 * the detector and this node's own announcements all end here (docs/protocol/memberlist.md, section 12).
 */
export class Membership {
  readonly #parts: MembershipParts;
  readonly #table: MemberTable;
  readonly #suspicions: Suspicions;
  readonly #self: Slot;
  readonly #selfName: string;
  #isLeaving = false;

  /** `self` is this node's slot, already in the table. */
  constructor(parts: MembershipParts, self: Slot) {
    this.#parts = parts;
    this.#table = parts.table;
    this.#suspicions = parts.suspicions;
    this.#self = self;
    this.#selfName = parts.table.record(self).name;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** A copy of a member's current state. */
  view(slot: Slot): MemberView {
    const record = this.#table.record(slot);
    return {
      name: record.name,
      address: record.address,
      meta: record.meta,
      status: statusName(this.#table.status(slot)),
      incarnation: this.#table.incarnation(slot),
      sinceMs: this.#table.since(slot),
      versions: record.versions,
      isSelf: slot === this.#self,
    };
  }

  /** Adds this node to its own view, or announces it again, with the next incarnation (12.2, 20.2). */
  announce(call: Call, record: MemberRecord, isFirst: boolean, onDone: Done | null): void {
    const known = this.#table.incarnation(this.#self);
    // At the maximum incarnation, no member would accept the announcement as news.
    if (known >= INCARNATION_MAX) this.#parts.sink.refuted(call, record.name, null);
    const incarnation = Math.min(INCARNATION_MAX, known + 1);
    const previous = isFirst ? null : this.view(this.#self);
    this.#table.setRecord(this.#self, record);
    this.#table.setIncarnation(this.#self, incarnation);
    if (isFirst) this.#table.setStatus(this.#self, ALIVE_STATUS, call.now);
    const cause = this.#cause(
      call,
      this.#self,
      isFirst ? "started" : "announced",
      ALIVE_STATUS,
      incarnation,
      record.name,
    );
    this.#parts.sink.broadcast(call, "join", record.name, this.#ownAlive(), onDone);
    // Announcing the same metadata again is no change.
    if (previous !== null && sameBytes(previous.meta, record.meta)) return;
    this.#parts.sink.changed(call, isFirst ? "joined" : "updated", this.#self, previous, cause);
  }

  /** Handles an alive message (12.3). `address` is the message's address, resolved. */
  alive(call: Call, message: Alive, address: Address): void {
    const { table } = this.#parts;
    const isSelf = message.node === this.#selfName;
    if (this.#isLeaving && isSelf) return;
    if (!isAcceptable(message, this.#parts.rules.repairs, isSelf, table.record(this.#self).versions)) {
      this.#parts.counters.messagesRefused++;
      return;
    }
    const slot = table.find(message.node);
    if (slot < 0) {
      this.#welcome(call, message, address);
      return;
    }
    const isElsewhere = !this.#isSameAddress(table.record(slot).address, address);
    if (isElsewhere && (isSelf || !this.#mayTakeOver(slot, call.now))) {
      this.#parts.counters.nameConflicts++;
      this.#parts.sink.conflicted(call, slot, address);
      return;
    }
    if (isSelf) this.#aliveAboutUs(call, message);
    else if (
      isElsewhere ||
      supersedes(table.status(slot), table.incarnation(slot), ALIVE_STATUS, message.incarnation)
    ) {
      this.#applyAlive(call, slot, message, address);
    } else {
      this.#staleAlive(call, slot, message, address);
    }
  }

  /** Handles a suspect message (12.4). `probe` is the report of this node's own probe, if that is its cause. */
  suspect(call: Call, message: Suspect, probe: ProbeReport | null = null): void {
    const { table, sink } = this.#parts;
    const slot = table.find(message.node);
    if (slot < 0 || message.incarnation < table.incarnation(slot)) return;
    if (slot === this.#self) {
      if (table.status(slot) === ALIVE_STATUS) this.#refute(call, message.from, message.incarnation);
      return;
    }
    if (this.#suspicions.isRunning(slot)) {
      this.#confirm(call, slot, message, probe);
      return;
    }
    if (!supersedes(table.status(slot), table.incarnation(slot), SUSPECT_STATUS, message.incarnation)) {
      this.#raise(slot, message.incarnation);
      return;
    }
    const previous = this.view(slot);
    this.#takeEvidence(slot, message.incarnation);
    table.setStatus(slot, SUSPECT_STATUS, call.now);
    this.#suspicions.begin(slot, call.now, message.from, table.size);
    this.#parts.counters.suspicionsRaised++;
    const cause = this.#cause(call, slot, "accused", SUSPECT_STATUS, message.incarnation, message.from, probe);
    sink.moved(slot);
    sink.broadcast(call, "failure", message.node, relayed(call, message));
    sink.changed(call, "suspected", slot, previous, cause);
  }

  /** Handles a dead message, by which a member is declared dead or announces that it left (12.5). */
  dead(call: Call, message: Dead, probe: ProbeReport | null = null): void {
    const { table } = this.#parts;
    const slot = table.find(message.node);
    if (slot < 0 || message.incarnation < table.incarnation(slot)) return;
    if (!supersedes(table.status(slot), table.incarnation(slot), DEAD_STATUS, message.incarnation)) {
      this.#raise(slot, message.incarnation);
      this.#parts.sink.heardAgain(call, message.node);
      return;
    }
    if (slot === this.#self) this.#refute(call, message.from, message.incarnation);
    else this.#applyDead(call, slot, message, "declared", probe);
  }

  /** Declares a member dead because its suspicion has expired. */
  expire(call: Call, slot: Slot): void {
    const message: Dead = {
      type: DEAD,
      node: this.#table.record(slot).name,
      incarnation: this.#table.incarnation(slot),
      from: this.#selfName,
    };
    this.#applyDead(call, slot, message, "expired", null);
  }

  /** Announces this node's departure. From now on it is `left` and ignores news of itself (20.1). */
  leave(call: Call, onDone: Done): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    const incarnation = this.#table.incarnation(this.#self);
    const message: Dead = { type: DEAD, node: this.#selfName, incarnation, from: this.#selfName };
    this.#applyDead(call, this.#self, message, "departed", null, onDone);
  }

  /** Marks a failed member as left, without telling other nodes or the application: a layer knows that it left. */
  markLeft(name: string): void {
    const slot = this.#table.find(name);
    if (slot < 0 || this.#table.status(slot) !== DEAD_STATUS) return;
    this.#table.setStatus(slot, LEFT_STATUS, this.#table.since(slot));
    this.#parts.sink.moved(slot);
  }

  /** Forgets members that have been failed or left since before `before` (12.8). */
  reap(call: Call, before: number, forgotten: (record: MemberRecord, status: Status) => void): void {
    const { table, sink } = this.#parts;
    table.reap(before, this.#self, (slot, status) => {
      const view = this.view(slot);
      this.#suspicions.end(slot);
      const cause = this.#cause(call, slot, "forgotten", status, view.incarnation, view.name);
      sink.changed(call, "reaped", slot, view, cause);
      forgotten(table.record(slot), status);
    });
  }

  /** An alive message with this node's current state. */
  #ownAlive(): Uint8Array {
    const record = this.#table.record(this.#self);
    return encodeMessage({
      type: ALIVE,
      node: record.name,
      addr: record.address.ip,
      port: record.address.port,
      incarnation: this.#table.incarnation(this.#self),
      // The reference distinguishes nil from empty metadata only in the bytes. Its own nodes without metadata send nil.
      meta: record.meta.length === 0 ? null : record.meta,
      vsn: record.versions,
    });
  }

  /** 12.3 step 4: an unknown member. */
  #welcome(call: Call, message: Alive, address: Address): void {
    const { table, membersMax, counters, sink, rules } = this.#parts;
    if (table.size >= membersMax) {
      counters.membersRefused++;
      return;
    }
    const record = this.#recordOf(message, address, EMPTY);
    // The reference adds the member of an alive with incarnation 0 as dead, although it was never alive.
    const isAlive = rules.repairs || message.incarnation > 0;
    const slot = table.add(record, isAlive ? ALIVE_STATUS : DEAD_STATUS, message.incarnation, call.now);
    if (!isAlive) return;
    const cause = this.#cause(call, slot, "announced", ALIVE_STATUS, message.incarnation, message.node);
    sink.moved(slot);
    sink.broadcast(call, "join", message.node, relayed(call, message));
    sink.changed(call, "joined", slot, null, cause);
  }

  /** 12.3 step 9a. */
  #aliveAboutUs(call: Call, message: Alive): void {
    const record = this.#table.record(this.#self);
    const incarnation = this.#table.incarnation(this.#self);
    if (message.incarnation < incarnation) return;
    const isEcho =
      message.incarnation === incarnation &&
      sameBytes(message.meta ?? EMPTY, record.meta) &&
      sameBytes(message.vsn, record.versions);
    if (isEcho) this.#parts.sink.heardAgain(call, message.node);
    else this.#refute(call, message.node, message.incarnation);
  }

  /** 12.3 step 9b to 11. */
  #applyAlive(call: Call, slot: Slot, message: Alive, address: Address): void {
    const { table, sink } = this.#parts;
    const old = table.record(slot);
    const oldStatus = table.status(slot);
    const previous = this.view(slot);
    this.#suspicions.end(slot);
    const record = this.#recordOf(message, address, old.versions);
    const isUnchanged = sameBytes(record.meta, old.meta) && sameBytes(record.versions, old.versions);
    // Keep the old record if it is equal: other views share it.
    const isSameRecord =
      isUnchanged && record.address.key === old.address.key && sameBytes(record.address.ip, old.address.ip);
    if (!isSameRecord) table.setRecord(slot, record);
    table.setIncarnation(slot, message.incarnation);
    if (oldStatus !== ALIVE_STATUS) table.setStatus(slot, ALIVE_STATUS, call.now);
    sink.moved(slot);
    const wasAccused = oldStatus === SUSPECT_STATUS || oldStatus === DEAD_STATUS;
    sink.broadcast(call, wasAccused ? "failure" : "join", message.node, relayed(call, message));
    const kind = changeTo(oldStatus, isSameRecord);
    if (kind === null) return;
    const isSamePlace = record.address.key === old.address.key;
    const why: CauseKind = isSamePlace && wasAccused ? "refuted" : "announced";
    const cause = this.#cause(call, slot, why, ALIVE_STATUS, message.incarnation, message.node);
    sink.changed(call, kind, slot, previous, cause);
  }

  /** An alive that is no news. A failed or left member may not know of it (docs/design/decisions/0002-repairs.md). */
  #staleAlive(call: Call, slot: Slot, message: Alive, address: Address): void {
    const status = this.#table.status(slot);
    const isHeldDead = status === DEAD_STATUS || status === LEFT_STATUS;
    if (isHeldDead && this.#parts.rules.repairs) this.#parts.sink.returnAccusation(call, slot, address);
    else this.#parts.sink.heardAgain(call, message.node);
  }

  #confirm(call: Call, slot: Slot, message: Suspect, probe: ProbeReport | null): void {
    this.#raise(slot, message.incarnation);
    if (!this.#suspicions.confirm(slot, call.now, message.from)) {
      this.#parts.sink.heardAgain(call, message.node);
      return;
    }
    this.#cause(call, slot, "confirmed", SUSPECT_STATUS, message.incarnation, message.from, probe);
    this.#parts.sink.broadcast(call, "confirmation", message.node, relayed(call, message));
  }

  #applyDead(
    call: Call,
    slot: Slot,
    message: Dead,
    why: CauseKind,
    probe: ProbeReport | null,
    onDone: Done | null = null,
  ): void {
    const { table, sink } = this.#parts;
    const hasLeft = message.node === message.from;
    const previous = this.view(slot);
    const accusers = this.#suspicions.accusers(slot);
    this.#suspicions.end(slot);
    this.#takeEvidence(slot, message.incarnation);
    table.setStatus(slot, hasLeft ? LEFT_STATUS : DEAD_STATUS, call.now);
    const kind: CauseKind = hasLeft ? "departed" : why;
    const cause = this.#cause(call, slot, kind, table.status(slot), message.incarnation, message.from, probe, accusers);
    sink.moved(slot);
    sink.broadcast(call, hasLeft ? "departure" : "failure", message.node, relayed(call, message), onDone);
    sink.changed(call, hasLeft ? "left" : "failed", slot, previous, cause);
  }

  /** 12.7: answers an accusation with a higher incarnation. */
  #refute(call: Call, accuser: string, accused: number): void {
    const { sink } = this.#parts;
    const incarnation = refutingIncarnation(this.#table.incarnation(this.#self), accused);
    sink.refuted(call, accuser, incarnation);
    if (incarnation === null) return;
    this.#table.setIncarnation(this.#self, incarnation);
    sink.broadcast(call, "failure", this.#selfName, this.#ownAlive());
  }

  /** Stores the incarnation of evidence that changes the status. The reference stores it without a check. */
  #takeEvidence(slot: Slot, incarnation: number): void {
    if (slot === this.#self) return;
    if (this.#parts.rules.repairs) this.#raise(slot, incarnation);
    else this.#table.setIncarnation(slot, incarnation);
  }

  /** Accepted evidence raises the stored incarnation even if it changes nothing else. */
  #raise(slot: Slot, incarnation: number): void {
    if (!this.#parts.rules.repairs || slot === this.#self) return;
    this.#table.setIncarnation(slot, raisedIncarnation(this.#table.incarnation(slot), incarnation));
  }

  /** 12.3 step 5: the name of a left member is free; that of a failed member is free after a while. */
  #mayTakeOver(slot: Slot, now: number): boolean {
    const status = this.#table.status(slot);
    const { deadNodeReclaimMs } = this.#parts;
    if (status === LEFT_STATUS) return true;
    return status === DEAD_STATUS && deadNodeReclaimMs > 0 && now - this.#table.since(slot) > deadNodeReclaimMs;
  }

  /** The reference compares bytes, so the two forms of one IPv4 address conflict there; we compare by value. */
  #isSameAddress(a: Address, b: Address): boolean {
    return a.key === b.key && (this.#parts.rules.repairs || sameBytes(a.ip, b.ip));
  }

  #recordOf(message: Alive, address: Address, oldVersions: Uint8Array): MemberRecord {
    const meta = message.meta === null || message.meta.length === 0 ? EMPTY : message.meta.slice();
    const versions = message.vsn.length >= 6 ? message.vsn.slice(0, 6) : oldVersions;
    return this.#parts.makeRecord(message.node, address, meta, versions);
  }

  #cause(
    call: Call,
    slot: Slot,
    kind: CauseKind,
    status: Status,
    incarnation: number,
    by: string,
    probe: ProbeReport | null = null,
    accusers: readonly string[] = [],
  ): Cause {
    const { path, from } = call.provenance;
    const atMs = call.now;
    const cause: Cause = { kind, atMs, status: statusName(status), incarnation, by, path, from, probe, accusers };
    this.#parts.evidence.add(this.#table.record(slot).name, cause);
    return cause;
  }
}

/** The change that an alive message makes for the application, given the old status; null if it sees none. */
function changeTo(oldStatus: Status, isSameRecord: boolean): ChangeKind | null {
  if (oldStatus === DEAD_STATUS || oldStatus === LEFT_STATUS) return "joined";
  if (oldStatus === SUSPECT_STATUS) return "recovered";
  return isSameRecord ? null : "updated";
}
