import type { Address } from "../base/address.ts";
import type { Counters } from "../base/counters.ts";
import * as due from "../base/deadlines.ts";
import { invariant } from "../base/invariant.ts";
import {
  type Call,
  type Done,
  EXCHANGE,
  LOCAL,
  PROBE,
  type Provenance,
  requestFrom,
  TIMER,
  withProvenance,
} from "../call/call.ts";
import type { Cause, DetectedStatus, MemberView } from "../call/events.ts";
import type { ExchangeResult, Outbox } from "../call/outbox.ts";
import type { RumorClass } from "../dissemination/rumor.ts";
import { type MemberRecord, readsChecksums } from "../membership/member-record.ts";
import type { Slot } from "../membership/member-table.ts";
import { ALIVE_STATUS, SUSPECT_STATUS, statusName, statusOfName } from "../membership/status.ts";
import { encodeMessage } from "../wire/encode.ts";
import { META_BYTES_MAX } from "../wire/limits.ts";
import { USER } from "../wire/messages.ts";
import { assemble, type Parts } from "./assembly.ts";
import { NodeHost } from "./node-host.ts";
import type { SwimOptions } from "./swim-options.ts";
import { Upkeep } from "./upkeep.ts";

/** How to gossip an application message. */
export interface BroadcastOptions {
  readonly rumorClass: RumorClass;
  /** Whether to send it to a few members at once, instead of waiting for the gossip tick. Default: at once. */
  readonly isEager?: boolean;
}

/**
 * One node of the pool: its view and the protocol's state machine, without sockets, clock or randomness of its own.
 *
 * - Inputs, each with the caller's monotonic time in milliseconds and an `Outbox`: `start`, `receive`, `accept`,
 *   `exchangeDone`, `datagramFailed`, `advance`. After each input, arm one timer for `nextDeadline()`. When it fires
 *   (the time may already have come), first read what waits in the sockets, then call `advance`.
 * - Commands, likewise: `join`, `cancelJoin`, `leave`, `setMeta`, `broadcast`, `send`.
 * - Queries, at any time: `members`, `member`, `explain`, `counters` and the like.
 *
 * Each call runs to completion; an output must not call the node. Bytes from the network never cause an exception. An
 * `InvariantError` is a bug, and the node must not be used after it.
 */
export class Swim {
  readonly counters: Counters;
  /** Bytes of the longest payload that `broadcast` and `send` can carry in one packet. */
  readonly payloadBytesMax: number;
  readonly #options: SwimOptions;
  readonly #parts: Parts;
  readonly #upkeep: Upkeep;
  /** Whether this node's departure is still being gossiped. */
  #isDeparting = false;
  #isLeaving = false;

  constructor(options: SwimOptions) {
    this.#options = options;
    this.#parts = assemble(options);
    this.#upkeep = new Upkeep(this.#parts);
    this.counters = this.#parts.counters;
    options.packets.begin();
    this.payloadBytesMax = options.packets.room() - 1;
    const calls = {
      payloadBytesMax: this.payloadBytesMax,
      join: (call: Call, token: number, targets: readonly Address[]) => this.#join(call, token, targets),
      command: <T>(now: number, out: Outbox, run: (call: Call) => T) => this.#command(now, out, run),
    };
    this.#parts.layers.attach(
      ({ name, isExtension }, index) => new NodeHost(this.#parts, { name, isExtension, index }, calls),
      (call) => this.#depart(call),
    );
  }

  /** Adds this node to its own view and arms the ticks. Call it once, before anything else. */
  start(now: number, out: Outbox): void {
    const call = this.#begin(now, out, LOCAL);
    this.#parts.dissemination.start(now, this.#parts.sender);
    this.#parts.layers.start(call);
    this.#parts.membership.announce(call, this.#parts.table.record(this.#parts.self), true, null);
    this.#parts.prober.start(now);
    this.#parts.pushPull.start(now);
    this.#parts.reconnector.start(now);
    this.#end(call);
  }

  /** Handles one datagram. `bytes` is borrowed. */
  receive(now: number, from: Address, bytes: Uint8Array, out: Outbox): void {
    const { receiver } = this.#parts;
    const call = this.#noted(receiver.begin(now, from, out));
    this.counters.datagramsIn++;
    this.counters.bytesIn += bytes.length;
    const fault = this.#options.packets.unpack(bytes, receiver);
    if (fault !== null) {
      this.counters.datagramsRefused++;
      out.event({ type: "packet-refused", from, fault });
    }
    this.#end(call);
    receiver.end();
  }

  /**
   * Handles the request of an accepted stream, without stream wrappers; `request` is handed over. `Outbox.answer`
   * delivers the answer with `token`, which the host chooses: at once, or after several slices of work for a push/pull
   * of a large view. A push/pull's state is merged only after the answer to it is complete.
   */
  accept(now: number, token: number, from: Address, request: Uint8Array, out: Outbox): void {
    const call = this.#begin(now, out, requestFrom(from));
    this.#parts.streamServer.serve(call, token, from, request);
    this.#end(call);
  }

  /** Handles the result of an exchange that `Outbox.exchange` started. */
  exchangeDone(now: number, token: number, result: ExchangeResult, out: Outbox): void {
    const call = this.#begin(now, out, EXCHANGE);
    this.#parts.exchanges.finish(call, token, result);
    this.#end(call);
  }

  /** Reports that the operating system refused to send a datagram to this address. */
  datagramFailed(now: number, to: Address, out: Outbox): void {
    const call = this.#begin(now, out, PROBE);
    this.#parts.prober.unsendable(call, to);
    this.#end(call);
  }

  /** Runs everything that is due by `now`. */
  advance(now: number, out: Outbox): void {
    const call = this.#begin(now, out, TIMER);
    let [hasFresh, hasMerges, hasEncodes] = [false, false, false];
    while (this.#parts.deadlines.nextAt() <= now) {
      const { topKind, topSubject, topStamp } = this.#parts.deadlines;
      this.#parts.deadlines.pop();
      // These kinds may arm themselves again while they run; this loop must not run them twice.
      if (topKind === due.EAGER_FLUSH) hasFresh = true;
      else if (topKind === due.MERGE_SLICE) hasMerges = true;
      else if (topKind === due.ENCODE_SLICE) hasEncodes = true;
      else this.#fallDue(call, topKind, topSubject, topStamp);
    }
    if (hasEncodes) this.#parts.encodes.slice(call);
    if (hasMerges) this.#parts.merges.slice(call);
    if (hasFresh) this.#parts.dissemination.flushEager(call);
    this.#upkeep.sweep();
    this.#end(call);
  }

  /** When to call `advance` next; a time up to now if work is already due. */
  nextDeadline(): number {
    return this.#parts.deadlines.nextAt();
  }

  /**
   * Exchanges states with each of `targets` once, several at a time. Ends with a `join-finished` event with this token,
   * possibly within this call. No other running join may have the token.
   */
  join(now: number, token: number, targets: readonly Address[], out: Outbox): void {
    const call = this.#begin(now, out, LOCAL);
    this.#join(call, token, targets);
    this.#end(call);
  }

  /** Ends a join early: nothing more of it is sent or merged. What was already merged stays. */
  cancelJoin(now: number, token: number, out: Outbox): void {
    const call = this.#begin(now, out, LOCAL);
    this.#parts.joins.cancel(call, token);
    this.#end(call);
  }

  /**
   * Announces that this node leaves. Ends with `leave-finished` once the departure has been gossiped often enough, or
   * at once if nobody is there to hear it; until then, the host must keep running the node.
   */
  leave(now: number, out: Outbox): void {
    const call = this.#begin(now, out, LOCAL);
    if (!this.#isLeaving) {
      this.#isLeaving = true;
      this.#parts.layers.leave(call);
    }
    this.#end(call);
  }

  /**
   * Replaces this node's metadata, at most 512 bytes, and gossips the change. Ends with a `rumor-finished` event with
   * this token, possibly within this call; token 0 asks for no event.
   */
  setMeta(now: number, token: number, meta: Uint8Array, out: Outbox): void {
    invariant(meta.length <= META_BYTES_MAX, "the host checks the size of metadata");
    const call = this.#begin(now, out, LOCAL);
    const { table, makeRecord, self, membership } = this.#parts;
    const { name, address, versions } = table.record(self);
    const onDone = reportOf(token);
    if (!membership.isLeaving) {
      membership.announce(call, makeRecord(name, address, meta, versions), false, onDone);
    } else if (onDone !== null) {
      this.#parts.dissemination.done.push(onDone);
    }
    this.#end(call);
  }

  /** Gossips an application message of at most `payloadBytesMax` bytes. As in memberlist, receivers don't relay it. */
  broadcast(now: number, payload: Uint8Array, { rumorClass, isEager = true }: BroadcastOptions, out: Outbox): void {
    invariant(payload.length <= this.payloadBytesMax, "the host checks the size of broadcasts");
    const call = this.#begin(now, out, LOCAL);
    const bytes = encodeMessage({ type: USER, payload });
    this.#parts.dissemination.broadcast(call, { rumorClass, subject: "", bytes, onDone: null, isEager });
    this.#end(call);
  }

  /** Sends an application message to one node in one datagram, best effort. Returns false if the member is unknown. */
  send(now: number, name: string, payload: Uint8Array, out: Outbox): boolean {
    invariant(payload.length <= this.payloadBytesMax, "the host checks the size of datagrams");
    const { table, sender } = this.#parts;
    const slot = table.find(name);
    if (slot < 0) return false;
    const call = this.#begin(now, out, LOCAL);
    const record = table.record(slot);
    sender.send(call, record.address, readsChecksums(record), { type: USER, payload });
    this.#end(call);
    return true;
  }

  /** Internal: adds members to the view as if they had long been known, without events or rumors. */
  adopt(now: number, records: readonly MemberRecord[], incarnation = 1): void {
    const { table, reconnector, dissemination, layers } = this.#parts;
    table.reserve(table.size + records.length);
    for (const record of records) {
      if (table.find(record.name) >= 0) continue;
      dissemination.moved(table.add(record, ALIVE_STATUS, incarnation, now));
      reconnector.found(record.name);
      layers.adopted(record.name);
    }
  }

  /**
   * All members, this node included, in no particular order. Failed and left members are listed until they are reaped.
   */
  members(): MemberView[] {
    const views: MemberView[] = [];
    for (let place = 0; place < this.#parts.table.size; place++)
      views.push(this.#parts.membership.view(this.#parts.table.at(place)));
    return views;
  }

  member(name: string): MemberView | undefined {
    const slot = this.#parts.table.find(name);
    return slot < 0 ? undefined : this.#parts.membership.view(slot);
  }

  /** A member's status without a copy of the member. */
  statusOf(name: string): DetectedStatus | undefined {
    const slot = this.#parts.table.find(name);
    return slot < 0 ? undefined : statusName(this.#parts.table.status(slot));
  }

  /** How many members have this status. */
  count(status: DetectedStatus): number {
    return this.#parts.table.count(statusOfName(status));
  }

  /** Who accused the member, by which path, who confirmed, who refuted, and when: the last causes, oldest first. */
  explain(name: string): readonly Cause[] {
    return this.#parts.evidence.of(name);
  }

  /** The local health score: 0 is healthy. */
  get awareness(): number {
    return this.#parts.awareness.score;
  }

  /** The current size of everything that has a limit; docs/reference/limits.md lists the limits. */
  get occupancy(): Readonly<
    Record<
      | "members"
      | "rumors"
      | "suspicions"
      | "probes"
      | "relays"
      | "statesEncoding"
      | "statesMerging"
      | "exchanges"
      | "lost"
      | "deadlines",
      number
    >
  > {
    return {
      members: this.#parts.table.size,
      rumors: this.#parts.dissemination.size,
      suspicions: this.#parts.suspicions.size,
      probes: this.#parts.prober.size,
      relays: this.#parts.relay.size,
      statesEncoding: this.#parts.encodes.size,
      statesMerging: this.#parts.merges.size,
      exchanges: this.#parts.exchanges.size,
      lost: this.#parts.reconnector.size,
      deadlines: this.#parts.deadlines.size,
    };
  }

  /** How often a rumor for all members is sent at the present size of the view. */
  get transmitLimit(): number {
    return this.#parts.dissemination.transmitLimits.plain;
  }

  #join(call: Call, token: number, targets: readonly Address[]): void {
    const others = new Map(targets.map((target) => [target.key, target]));
    others.delete(this.#parts.table.record(this.#parts.self).address.key);
    this.#parts.joins.begin(call, token, [...others.values()]);
  }

  #command<T>(now: number, out: Outbox, run: (call: Call) => T): T {
    const call = this.#begin(now, out, LOCAL);
    const result = run(call);
    this.#end(call);
    return result;
  }

  /** Membership's part of leaving. */
  #depart(call: Call): void {
    if (this.#parts.membership.isLeaving) return;
    this.#isDeparting = true;
    this.#parts.membership.leave(call, (told) => this.#departed(told));
  }

  /** Ends membership's part of leaving, once. */
  #departed(call: Call): void {
    if (!this.#isDeparting) return;
    this.#isDeparting = false;
    this.#parts.layers.departed(call);
  }

  #begin(now: number, out: Outbox, provenance: Provenance): Call {
    return this.#noted({ now, out, provenance });
  }

  /** Notes lateness first, so that deadlines armed in this call are not postponed. */
  #noted(call: Call): Call {
    if (this.#parts.rules.repairs) this.#upkeep.noteLateness(call);
    return call;
  }

  #end(call: Call): void {
    const { done } = this.#parts.dissemination;
    // No live member can hear of our departure: there is none, or all left meanwhile, as when a whole pool leaves.
    const isUnheard = this.#isDeparting && this.#parts.table.groupEnd(SUSPECT_STATUS) === 0;
    if (isUnheard) done.push((told) => this.#departed(told));
    if (done.length === 0) return;
    // The callbacks are this node's own actions; the bytes in hand did not cause them.
    const own = withProvenance(call, LOCAL);
    for (const onDone of done) onDone(own);
    done.length = 0;
  }

  #fallDue(call: Call, kind: number, subject: number, stamp: number): void {
    switch (kind) {
      case due.PROBE_TICK:
        return this.#parts.prober.tick(call);
      case due.PROBE_TIMEOUT:
        return this.#parts.prober.timedOut(call, stamp);
      case due.PROBE_DEADLINE:
        return this.#parts.prober.expired(call, stamp);
      case due.RELAY_TIMEOUT:
        return this.#parts.relay.timedOut(call, stamp);
      case due.NAMED_PING_TIMEOUT:
        return this.#parts.namedPings.timedOut(call, stamp);
      case due.SUSPICION:
        return this.#endSuspicion(call, subject, stamp);
      case due.GOSSIP_TICK:
        return this.#parts.dissemination.tick(call);
      case due.PUSH_PULL_TICK:
        return this.#parts.pushPull.tick(call);
      case due.POST_JOIN_ROUND:
        return this.#parts.postJoinSync.round(call, stamp);
      case due.POST_JOIN_LOOK:
        return this.#parts.postJoinSync.look(call, stamp);
      case due.LAYER:
        return this.#parts.layers.fallDue(call, subject, stamp);
      case due.RECONNECT_TICK:
        // The probe round reaps; a node that doesn't probe reaps here.
        if (this.#options.config.probeIntervalMs === 0) this.#parts.reap(call);
        if (this.#parts.rules.repairs) this.#parts.reconnector.tick(call, stamp);
    }
  }

  /** Handles a suspicion's deadline. Ignores it if the member has refuted or the suspicion isn't due. */
  #endSuspicion(call: Call, slot: Slot, stamp: number): void {
    if (this.#parts.suspicions.isCurrent(slot, stamp) && this.#parts.suspicions.isDue(slot, call.now)) {
      this.#parts.membership.expire(call, slot);
    }
  }
}

/** Emits `rumor-finished` with this token; null for the token 0. */
function reportOf(token: number): Done | null {
  return token === 0 ? null : (call) => call.out.event({ type: "rumor-finished", token });
}
