import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import type { Counters } from "../base/counters.ts";
import type { Rules } from "../base/rules.ts";
import type { Call, Done } from "../call/call.ts";
import type { Cause, ChangeKind, MemberView } from "../call/events.ts";
import type { PacketSender } from "../call/packet-sender.ts";
import type { Awareness } from "../detector/awareness.ts";
import type { NamedPings } from "../detector/named-pings.ts";
import type { Dissemination } from "../dissemination/dissemination.ts";
import { FAILURES, JOINS } from "../dissemination/rumor.ts";
import type { LayerStack } from "../layers/layer-stack.ts";
import type { DeadNotices } from "../membership/dead-notices.ts";
import type { Evidence } from "../membership/evidence.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Membership } from "../membership/membership.ts";
import type { MembershipSink, Topic } from "../membership/membership-sink.ts";
import { LEFT_STATUS } from "../membership/status.ts";
import type { Reconnector } from "../sync/reconnector.ts";
import { DEAD } from "../wire/messages.ts";
import type { AnswerBudget } from "./answer-budget.ts";

/** Dependencies of `MembershipEffects`. */
export interface MembershipEffectsParts {
  readonly rules: Rules;
  readonly table: MemberTable;
  readonly evidence: Evidence;
  readonly dissemination: Dissemination;
  readonly awareness: Awareness;
  readonly deadNotices: DeadNotices;
  readonly namedPings: NamedPings;
  readonly sender: PacketSender;
  readonly counters: Counters;
  readonly self: Slot;
  readonly config: Pick<SwimConfig, "probeTimeoutMs">;
  readonly layers: LayerStack;
  readonly answers: AnswerBudget;
  /** Set after construction, since `Membership` and `MembershipEffects` depend on each other. */
  membership: Membership | null;
  reconnector: Reconnector | null;
}

/** Carries out the effects of membership decisions: rumors, application events, and packets to single nodes. */
export class MembershipEffects implements MembershipSink {
  readonly #parts: MembershipEffectsParts;
  #isAskingForOurName = false;
  /** Membership changes so far. */
  changes = 0;

  constructor(parts: MembershipEffectsParts) {
    this.#parts = parts;
  }

  broadcast(call: Call, topic: Topic, subject: string, bytes: Uint8Array, onDone: Done | null = null): void {
    // News about this node always goes out: a newcomer may have just learnt that others list it as failed.
    const { table, self } = this.#parts;
    const { isTold, isEager } = call.provenance;
    if (!isTold && subject !== table.record(self).name) return;
    const rumorClass = topic === "join" ? JOINS : FAILURES;
    const isPressing = topic === "failure";
    this.#parts.dissemination.broadcast(call, {
      rumorClass,
      subject,
      bytes,
      onDone,
      isEager: isEager && topic !== "confirmation",
      isPressing,
    });
  }

  heardAgain(call: Call, subject: string): void {
    this.#parts.dissemination.heardAgain(call, subject);
  }

  changed(call: Call, kind: ChangeKind, slot: Slot, previous: MemberView | null, cause: Cause): void {
    const { membership, reconnector, self, layers } = this.#parts;
    if (membership === null || reconnector === null) return;
    this.changes++;
    const member = membership.view(slot);
    layers.changed(call, { type: "member", kind, member, previous, cause });
    if (slot === self) return;
    if (kind === "joined" || kind === "left") reconnector.found(member.name);
    if (kind === "failed" || kind === "left" || kind === "reaped") reconnector.checkIsolation(call.now);
  }

  moved(slot: Slot): void {
    this.#parts.dissemination.moved(slot);
  }

  returnAccusation(call: Call, slot: Slot, to: Address): void {
    const { table, deadNotices, evidence, sender, counters, self, answers } = this.#parts;
    const record = table.record(slot);
    if (record.address.key !== to.key) return;
    // Anyone can forge a datagram's source and send many stale alive messages; a stream has a real peer behind it.
    const { path, from: source } = call.provenance;
    const isFromDatagram = path === "packet";
    if (isFromDatagram && answers.isSpent) {
      counters.messagesRefused++;
      return;
    }
    const isFromAccused = source !== null && source.key === to.key;
    if (!deadNotices.isDue(slot, call.now, isFromAccused)) return;
    if (isFromDatagram) answers.take();
    counters.accusationsReturned++;
    const hasLeft = table.status(slot) === LEFT_STATUS;
    const from = hasLeft ? record.name : (evidence.last(record.name)?.by ?? table.record(self).name);
    const incarnation = table.incarnation(slot);
    sender.send(call, to, false, { type: DEAD, node: record.name, incarnation, from });
  }

  conflicted(call: Call, slot: Slot, other: Address): void {
    const { membership, self } = this.#parts;
    if (membership === null) return;
    call.out.event({ type: "name-conflict", existing: membership.view(slot), other });
    // In the answer to our own push/pull, the other node held the name before we came. From any other source, the other
    // node is the newcomer and has to give way.
    if (slot === self && call.provenance.isAnswer) this.#askForOurName(call, other);
    if (slot === self) this.#parts.layers.nameClaimed(call, other);
  }

  refuted(call: Call, accuser: string, incarnation: number | null): void {
    const { counters, awareness, rules } = this.#parts;
    if (incarnation === null) {
      call.out.event({ type: "notice", notice: { kind: "incarnation-exhausted", accuser } });
      return;
    }
    counters.selfRefutations++;
    if (rules.localHealth) awareness.apply(1);
    call.out.event({ type: "self-refuted", accuser, incarnation });
  }

  /** Pings the other address by our name, to tell a live node there from an old rumor. */
  #askForOurName(call: Call, other: Address): void {
    const { namedPings, table, self, config, rules } = this.#parts;
    if (this.#isAskingForOurName || !rules.repairs) return;
    const { name } = table.record(self);
    this.#isAskingForOurName = namedPings.ask(call, name, other, config.probeTimeoutMs, (answered, isThere) => {
      this.#isAskingForOurName = false;
      if (isThere) answered.out.event({ type: "notice", notice: { kind: "name-in-use", name, address: other } });
    });
  }
}
