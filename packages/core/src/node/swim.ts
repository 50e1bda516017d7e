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

/** How to spread an application message. */
export interface BroadcastOptions {
  readonly rumorClass: RumorClass;
  /** Whether it is sent to a few members at once, or waits for the ticks of gossip. Default: at once. */
  readonly isEager?: boolean;
}

/**
 * One node: its view of the pool and everything it does about it, without sockets, clock or chance of its own.
 *
 * - Inputs, each with the caller's monotonic time in milliseconds and a place for outputs: `start`, `receive`, `accept`,
 *   `exchangeDone`, `datagramFailed`, `advance`. After any of them, arm one timer for `nextDeadline()`; when it falls
 *   due (it may be now), let what already waits in the sockets come in first, then call `advance`.
 * - Commands, likewise: `join`, `cancelJoin`, `leave`, `setMeta`, `broadcast`, `send`.
 * - Queries, at any time: `members`, `member`, `explain`, `counters` and the like.
 *
 * Each call runs to completion and must not be made from within an output. Bytes from the network never make one throw.
 * What does throw is an `InvariantError`: a bug, after which this node must not go on.
 */
export class Swim {
  readonly counters: Counters;
  /** Bytes of the longest payload that `broadcast` and `send` can carry in one packet. */
  readonly payloadBytesMax: number;
  readonly #options: SwimOptions;
  readonly #parts: Parts;
  readonly #upkeep: Upkeep;
  /** Whether the own goodbye is being told. */
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

  /** Enters its own view and arms the ticks. Call it once, first. */
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

  /** Feeds one datagram. `bytes` is borrowed. */
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
   * Feeds the request of an accepted stream, without stream wrappers; `request` is handed over. `Outbox.answer` brings
   * the answer to this `token`, which is the host's own: at once, or, for a push/pull of a large view, slices of work
   * later. Nothing of a push/pull is merged before the answer to it is complete.
   */
  accept(now: number, token: number, from: Address, request: Uint8Array, out: Outbox): void {
    const call = this.#begin(now, out, requestFrom(from));
    this.#parts.streamServer.serve(call, token, from, request);
    this.#end(call);
  }

  /** Brings what came of an exchange that `Outbox.exchange` asked for. */
  exchangeDone(now: number, token: number, result: ExchangeResult, out: Outbox): void {
    const call = this.#begin(now, out, EXCHANGE);
    this.#parts.exchanges.finish(call, token, result);
    this.#end(call);
  }

  /** The operating system refused to send a datagram to this address. */
  datagramFailed(now: number, to: Address, out: Outbox): void {
    const call = this.#begin(now, out, PROBE);
    this.#parts.prober.unsendable(call, to);
    this.#end(call);
  }

  /** Does what has fallen due by `now`. */
  advance(now: number, out: Outbox): void {
    const call = this.#begin(now, out, TIMER);
    let [hasFresh, hasMerges, hasEncodes] = [false, false, false];
    while (this.#parts.deadlines.nextAt() <= now) {
      const { topKind, topSubject, topStamp } = this.#parts.deadlines;
      this.#parts.deadlines.pop();
      // These ask for a turn of their own while they work; the loop must not grant it within this one.
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

  /** When `advance` must next be called; in the past or now if there is work already. */
  nextDeadline(): number {
    return this.#parts.deadlines.nextAt();
  }

  /**
   * Exchanges states with all `targets`, each once and some at a time. Ends with a `join-finished` event of this token, which
   * no other join has that is under way: maybe within this call.
   */
  join(now: number, token: number, targets: readonly Address[], out: Outbox): void {
    const call = this.#begin(now, out, LOCAL);
    this.#join(call, token, targets);
    this.#end(call);
  }

  /** Ends a join early: nothing more of it is sent or merged. What had been merged stays. */
  cancelJoin(now: number, token: number, out: Outbox): void {
    const call = this.#begin(now, out, LOCAL);
    this.#parts.joins.cancel(call, token);
    this.#end(call);
  }

  /**
   * Says goodbye. Ends with `leave-finished` once the others have been told often enough; until then the node must go
   * on as before. Nobody to tell: it ends at once.
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
   * Replaces this node's metadata, at most 512 bytes, and tells the others. Ends with `rumor-finished` of this token, maybe
   * within this call; 0 for no event.
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

  /**
   * Spreads an application message of at most `payloadBytesMax` bytes, as memberlist's peers do: whoever hears it doesn't pass
   * it on.
   */
  broadcast(now: number, payload: Uint8Array, { rumorClass, isEager = true }: BroadcastOptions, out: Outbox): void {
    invariant(payload.length <= this.payloadBytesMax, "the host checks the size of broadcasts");
    const call = this.#begin(now, out, LOCAL);
    const bytes = encodeMessage({ type: USER, payload });
    this.#parts.dissemination.broadcast(call, { rumorClass, subject: "", bytes, onDone: null, isEager });
    this.#end(call);
  }

  /** Sends an application message to one node in one datagram, best effort. False if no such member is known. */
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

  /** Internal: fills the view with members as if they had long been known, without telling anybody. */
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

  /** All members, this node included, in no order. Dead and left ones are listed until they are reaped. */
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

  /** Who accused the member, by which path, who confirmed, who refuted, when: the last causes, oldest first. */
  explain(name: string): readonly Cause[] {
    return this.#parts.evidence.of(name);
  }

  /** The local health score: 0 is healthy. */
  get awareness(): number {
    return this.#parts.awareness.score;
  }

  /** How full everything is that can fill up; each has its limit in docs/reference/limits.md. */
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

  /** How often each rumor that is for all is sent in a view of the present size. */
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

  /** Membership's part of a goodbye. */
  #depart(call: Call): void {
    if (this.#parts.membership.isLeaving) return;
    this.#isDeparting = true;
    this.#parts.membership.leave(call, (told) => this.#departed(told));
  }

  /** The goodbye has been told; once. */
  #departed(call: Call): void {
    if (!this.#isDeparting) return;
    this.#isDeparting = false;
    this.#parts.layers.departed(call);
  }

  #begin(now: number, out: Outbox, provenance: Provenance): Call {
    return this.#noted({ now, out, provenance });
  }

  /** Before anything else: what begins in this call must not be taken for what waited through a pause. */
  #noted(call: Call): Call {
    if (this.#parts.rules.repairs) this.#upkeep.noteLateness(call);
    return call;
  }

  #end(call: Call): void {
    const { done } = this.#parts.dissemination;
    // Nobody is there to be told of our goodbye, or all have gone meanwhile, as when a whole pool leaves together.
    const isUnheard = this.#isDeparting && this.#parts.table.groupEnd(SUSPECT_STATUS) === 0;
    if (isUnheard) done.push((told) => this.#departed(told));
    if (done.length === 0) return;
    // What follows is this node's own doing, and none of the bytes in hand.
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
        // Reaping belongs to the probe's round; a node that doesn't probe does it here.
        if (this.#options.config.probeIntervalMs === 0) this.#parts.reap(call);
        if (this.#parts.rules.repairs) this.#parts.reconnector.tick(call, stamp);
    }
  }

  /** A suspicion's deadline: stale if the member has refuted, or if fewer confirmations than now had set it. */
  #endSuspicion(call: Call, slot: Slot, stamp: number): void {
    if (this.#parts.suspicions.isCurrent(slot, stamp) && this.#parts.suspicions.isDue(slot, call.now)) {
      this.#parts.membership.expire(call, slot);
    }
  }
}

/** Reports by an event that what has this token has been told; null for the token 0. */
function reportOf(token: number): Done | null {
  return token === 0 ? null : (call) => call.out.event({ type: "rumor-finished", token });
}
