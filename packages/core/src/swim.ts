import type { Address } from "./address.ts";
import { EMPTY } from "./bytes.ts";
import type { SwimConfig } from "./config.ts";
import { Consequences, type ConsequenceParts } from "./consequences.ts";
import { type Counters, newCounters } from "./counters.ts";
import * as due from "./deadlines.ts";
import { Awareness } from "./detector/awareness.ts";
import { Inquiries } from "./detector/inquiries.ts";
import { Prober } from "./detector/prober.ts";
import { Relay } from "./detector/relay.ts";
import { Sequence } from "./detector/sequence.ts";
import { Suspicions } from "./detector/suspicion.ts";
import { Dissemination } from "./dissemination/dissemination.ts";
import type { RumorClass } from "./dissemination/rumor.ts";
import type { Cause, MemberStatus, MemberView } from "./events.ts";
import { Exchanges } from "./exchanges.ts";
import type { Input } from "./input.ts";
import { invariant } from "./invariant.ts";
import { Mail } from "./mail.ts";
import { AddressCache } from "./membership/address-cache.ts";
import { Evidence } from "./membership/evidence.ts";
import { type MemberRecord, memberRecord, versionMax } from "./membership/member-record.ts";
import { MemberTable, type Slot } from "./membership/member-table.ts";
import { Membership } from "./membership/membership.ts";
import { Reminders } from "./membership/reminders.ts";
import { Selection } from "./membership/selection.ts";
import { ALIVE_STATUS, DEAD_STATUS, SUSPECT_STATUS, statusName } from "./membership/status.ts";
import type { ExchangeResult, Outbox } from "./outbox.ts";
import type { Random } from "./random.ts";
import { Receiver } from "./receiver.ts";
import { RULES, type Rules, type RulesName } from "./rules.ts";
import { Heal } from "./sync/heal.ts";
import { Joins } from "./sync/joins.ts";
import { MergeQueue } from "./sync/merge-queue.ts";
import { PushPull } from "./sync/push-pull.ts";
import { MessageDecoder } from "./wire/decode.ts";
import { encodeMessage, MessageEncoder } from "./wire/encode.ts";
import { isFault } from "./wire/faults.ts";
import { META_BYTES_MAX } from "./wire/limits.ts";
import { ACK, PING, PUSH_PULL, type PushPullNode, USER } from "./wire/messages.ts";
import type { PacketCodec } from "./wire/packets.ts";
import { decodeStreamUser } from "./wire/push-pull.ts";

/** From this lateness of `advance` on, the node takes itself for slow and gives others more time. */
export const LATE_MS = 250;

/** What the application may say about what comes in and goes out. Hooks must not throw and not call back. */
export interface SwimHooks {
  /** Bytes to put into each ack of a direct ping. Default: none. */
  readonly ackPayload?: () => Uint8Array | null;
  /** The application's own state, sent with each push/pull. Default: none. */
  readonly localUserState?: (isJoin: boolean) => Uint8Array;
  /** The application's own state of a peer; borrowed. */
  readonly mergeUserState?: (state: Uint8Array, isJoin: boolean) => void;
  /** Whether a member may live at `address`, told by a packet from `source`. Default: yes. */
  readonly admits?: (address: Address, source: Address | null) => boolean;
  /** A reason against merging the members that a join brought, or null. Default: null. */
  readonly vetoesJoin?: (members: readonly PushPullNode[]) => string | null;
}

/** Everything that one node starts with. */
export interface SwimOptions {
  /** Unique in the pool. */
  readonly name: string;
  /** Where others reach this node. */
  readonly address: Address;
  /** At most 512 bytes. Default: none. */
  readonly meta?: Uint8Array;
  readonly config: SwimConfig;
  /** Packs and unpacks datagrams: label, key and compression are set there. */
  readonly packets: PacketCodec;
  readonly random: Random;
  /** The protocol version that this node speaks, 1 to 5 (section 11). Default: 2. */
  readonly protocolVersion?: number;
  /** Least, greatest and spoken version of the application's own protocol. Default: 0, 0, 0. */
  readonly delegateVersions?: readonly [number, number, number];
  /** Whether to ping over a stream whom datagrams do not reach. Default: true. */
  readonly streamPings?: boolean;
  readonly hooks?: SwimHooks;
  /** Internal: which protocol to follow. Default: `hearsay`. */
  readonly rules?: RulesName | Rules;
  /** Internal: makes member records, so that a simulation can share them among nodes. */
  readonly makeRecord?: typeof memberRecord;
}

/** How to spread an application message. */
export interface BroadcastOptions {
  readonly rumorClass: RumorClass;
  /** A newer broadcast of the same subject replaces this one while it waits. Default: none. */
  readonly subject?: string;
  /** Whether to send it to a few members at once. Default: false. */
  readonly eager?: boolean;
  /** Who told us, for messages that are passed on. Default: nobody. */
  readonly source?: Address | null;
}

/**
 * One node: its view of the pool and everything it does about it, without sockets, clock or chance of its own.
 *
 * - Inputs, each with the caller's monotonic time in milliseconds and a place for outputs: `start`, `receive`, `accept`,
 *   `exchangeDone`, `datagramFailed`, `advance`. After any of them, arm one timer for `nextDeadline()`; when it falls
 *   due (it may be now), let what already waits in the sockets come in first, then call `advance`.
 * - Commands, likewise: `join`, `leave`, `setMeta`, `broadcast`, `send`, `sendReliable`.
 * - Queries, at any time: `members`, `member`, `explain`, `counters` and the like.
 *
 * Each call runs to completion and must not be made from within an output. Bytes from the network never make one throw.
 * What does throw is an `InvariantError`: a bug, after which this node must not go on.
 */
export class Swim {
  readonly counters: Counters = newCounters();
  /** Bytes of the longest payload that `broadcast` and `send` can carry in one packet. */
  readonly payloadBytesMax: number;
  readonly #options: SwimOptions;
  readonly #rules: Rules;
  readonly #self: Slot;
  readonly #input: Input;
  readonly #deadlines = new due.Deadlines();
  readonly #table: MemberTable;
  readonly #evidence = new Evidence();
  readonly #suspicions: Suspicions;
  readonly #awareness: Awareness;
  readonly #dissemination: Dissemination;
  readonly #mail: Mail;
  readonly #membership: Membership;
  readonly #consequences: Consequences;
  readonly #relay: Relay;
  readonly #inquiries: Inquiries;
  readonly #prober: Prober;
  readonly #exchanges = new Exchanges();
  readonly #merges: MergeQueue;
  readonly #pushPull: PushPull;
  readonly #joins: Joins;
  readonly #heal: Heal;
  readonly #receiver: Receiver;
  readonly #decoder = new MessageDecoder();
  #lastTicket = 0;
  #leaveTicket = 0;
  #isSlow = false;
  #sweepAt = 4096;

  constructor(options: SwimOptions) {
    const { config, random, packets, name, address, hooks = {} } = options;
    this.#options = options;
    this.#rules = typeof options.rules === "object" ? options.rules : RULES[options.rules ?? "hearsay"];
    const rules = this.#rules;
    this.#input = idleInput();
    this.#table = new MemberTable(random);
    const makeRecord = options.makeRecord ?? memberRecord;
    const own = makeRecord(name, address, checkedMeta(options.meta ?? EMPTY), ownVersions(options));
    this.#self = this.#table.add(own, ALIVE_STATUS, 0, 0);
    this.#suspicions = new Suspicions(config, this.#deadlines, rules.confirmations);
    this.#awareness = new Awareness(config.awarenessMaxMult);
    const shared = {
      config,
      rules,
      random,
      table: this.#table,
      deadlines: this.#deadlines,
      counters: this.counters,
      self: this.#self,
      selection: new Selection(this.#table, random),
      awareness: this.#awareness,
      sequence: new Sequence(),
      addresses: new AddressCache(),
      portOf: (port: number): number => (port === 0 || options.protocolVersion === 1 ? address.port : port),
    };
    this.#dissemination = new Dissemination(shared);
    this.#mail = new Mail(packets, this.#dissemination, this.counters);
    const selfParts = { mail: this.#mail, selfName: name, selfAddress: address, probeTimeoutMs: config.probeTimeoutMs };
    this.#relay = new Relay({ ...shared, ...selfParts });
    this.#inquiries = new Inquiries(this.#mail, this.#deadlines, shared.sequence, own);
    const consequenceParts: ConsequenceParts = {
      ...shared,
      ...selfParts,
      evidence: this.#evidence,
      dissemination: this.#dissemination,
      reminders: new Reminders(this.#table, random, Math.max(1000, config.probeIntervalMs)),
      inquiries: this.#inquiries,
      membership: null,
      heal: null,
    };
    this.#consequences = new Consequences(consequenceParts);
    this.#membership = new Membership(
      {
        ...shared,
        suspicions: this.#suspicions,
        evidence: this.#evidence,
        sink: this.#consequences,
        membersMax: config.membersMax,
        deadNodeReclaimMs: config.deadNodeReclaimMs,
        makeRecord,
      },
      this.#self,
    );
    this.#merges = new MergeQueue({
      ...shared,
      membership: this.#membership,
      changes: () => this.#consequences.changes,
      veto: hooks.vetoesJoin ?? (() => null),
      mergeUserState: hooks.mergeUserState ?? (() => {}),
      badEntries: (input, from, count) =>
        input.out.event({ type: "notice", notice: { kind: "bad-entries", from, count } }),
    });
    const localUserState = hooks.localUserState ?? ((): Uint8Array => EMPTY);
    const sync = { ...shared, exchanges: this.#exchanges, merges: this.#merges, localUserState };
    this.#pushPull = new PushPull(sync);
    this.#joins = new Joins(this.#pushPull, config.joinParallel);
    this.#heal = new Heal({ ...shared, inquiries: this.#inquiries, pushPull: this.#pushPull });
    consequenceParts.membership = this.#membership;
    consequenceParts.heal = this.#heal;
    this.#prober = new Prober({
      ...shared,
      mail: this.#mail,
      membership: this.#membership,
      streamPings: options.streamPings ?? true,
      roundDone: (input) => this.#reap(input),
      pingOverStream: (input, seqNo, to, request, deadline) => this.#pingStream(input, seqNo, to, request, deadline),
      datagramsBlocked: (input, { name: blocked, address: where }) =>
        input.out.event({ type: "notice", notice: { kind: "datagrams-blocked", name: blocked, address: where } }),
      answered: (input, record, roundTripMs, payload) =>
        input.out.event({ type: "ping-answered", name: record.name, roundTripMs, payload }),
    });
    this.#receiver = new Receiver({
      ...shared,
      ...selfParts,
      input: this.#input,
      membership: this.#membership,
      prober: this.#prober,
      relay: this.#relay,
      inquiries: this.#inquiries,
      ackPayload: hooks.ackPayload ?? (() => null),
      admits: hooks.admits ?? (() => true),
    });
    packets.begin();
    this.payloadBytesMax = packets.room() - 1;
  }

  /** Enters its own view and arms the ticks. Call it once, first. */
  start(now: number, out: Outbox): void {
    const input = this.#begin(now, out, "local", null);
    this.#dissemination.start(now, this.#mail);
    this.#membership.announce(input, this.#table.record(this.#self), true, 0);
    this.#prober.start(now);
    this.#pushPull.start(now);
    this.#heal.start(now);
    this.#end(input);
  }

  /** Feeds one datagram. `bytes` is borrowed. */
  receive(now: number, from: Address, bytes: Uint8Array, out: Outbox): void {
    const input = this.#begin(now, out, "packet", from);
    this.counters.datagramsIn++;
    this.counters.bytesIn += bytes.length;
    const fault = this.#options.packets.unpack(bytes, this.#receiver);
    if (fault !== null) {
      this.counters.datagramsRefused++;
      out.event({ type: "packet-refused", from, fault });
    }
    this.#end(input);
  }

  /**
   * Feeds the request of an accepted stream, without stream wrappers; `request` is handed over. Returns the answer, for
   * a push/pull encoded before anything of it is merged, or nothing when the stream is to be closed without one.
   */
  accept(now: number, from: Address, request: Uint8Array, out: Outbox): Uint8Array | undefined {
    const input = this.#begin(now, out, "sync", from);
    const answer = this.#serve(input, from, request);
    this.#end(input);
    return answer;
  }

  /** Brings what came of an exchange that `Outbox.exchange` asked for. */
  exchangeDone(now: number, token: number, result: ExchangeResult, out: Outbox): void {
    const input = this.#begin(now, out, "sync", null);
    this.#exchanges.finish(input, token, result);
    this.#end(input);
  }

  /** The operating system refused to send a datagram to this address. */
  datagramFailed(now: number, to: Address, out: Outbox): void {
    const input = this.#begin(now, out, "probe", null);
    this.#prober.unsendable(input, to);
    this.#end(input);
  }

  /** Does what has fallen due by `now`. */
  advance(now: number, out: Outbox): void {
    const input = this.#begin(now, out, "timer", null);
    if (this.#rules.repairs) this.#noteLateness(input);
    let hasFresh = false;
    let hasMerges = false;
    while (this.#deadlines.nextAt() <= now) {
      const { topKind, topSubject, topStamp } = this.#deadlines;
      this.#deadlines.pop();
      // These two ask for a turn of their own while they work; the loop must not grant it within this one.
      if (topKind === due.EAGER_FLUSH) hasFresh = true;
      else if (topKind === due.MERGE_SLICE) hasMerges = true;
      else this.#fallDue(input, topKind, topSubject, topStamp);
      input.path = "timer";
    }
    if (hasMerges) this.#merges.slice(input);
    if (hasFresh) this.#dissemination.flushEager(input);
    this.#sweep();
    this.#end(input);
  }

  /** When `advance` must next be called; in the past or now if there is work already. */
  nextDeadline(): number {
    return this.#deadlines.nextAt();
  }

  /** Exchanges states with all `targets`, some at a time. Ends with a `join-finished` event of the returned token. */
  join(now: number, targets: readonly Address[], out: Outbox): number {
    const input = this.#begin(now, out, "local", null);
    const own = this.#table.record(this.#self).address.key;
    const token = this.#joins.begin(
      input,
      targets.filter((target) => target.key !== own),
    );
    this.#end(input);
    return token;
  }

  /** Ends a join early. */
  cancelJoin(now: number, token: number, out: Outbox): void {
    const input = this.#begin(now, out, "local", null);
    this.#joins.cancel(input, token);
    this.#end(input);
  }

  /**
   * Says goodbye. Ends with `leave-finished` once the others have been told often enough; until then the node must go
   * on as before. Nobody to tell: it ends at once.
   */
  leave(now: number, out: Outbox): void {
    const input = this.#begin(now, out, "local", null);
    if (!this.#membership.isLeaving) {
      const isAlone = this.#table.groupEnd(SUSPECT_STATUS) <= 1;
      this.#leaveTicket = ++this.#lastTicket;
      this.#membership.leave(input, this.#leaveTicket);
      if (isAlone) this.#dissemination.doneTickets.push(this.#leaveTicket);
    }
    this.#end(input);
  }

  /** Replaces this node's metadata and tells the others. `rumor-finished` reports the returned ticket. */
  setMeta(now: number, meta: Uint8Array, out: Outbox): number {
    const input = this.#begin(now, out, "local", null);
    const { name, address, versions } = this.#table.record(this.#self);
    const makeRecord = this.#options.makeRecord ?? memberRecord;
    const ticket = ++this.#lastTicket;
    this.#membership.announce(input, makeRecord(name, address, checkedMeta(meta), versions), false, ticket);
    this.#end(input);
    return ticket;
  }

  /** Spreads an application message of at most `payloadBytesMax` bytes. `rumor-finished` reports the returned ticket. */
  broadcast(now: number, payload: Uint8Array, options: BroadcastOptions, out: Outbox): number {
    invariant(payload.length <= this.payloadBytesMax, "the host checks the size of broadcasts");
    const source = options.source ?? null;
    const input = this.#begin(now, out, source === null ? "local" : "packet", source);
    const bytes = encodeMessage({ type: USER, payload });
    // Subjects of the application and names of members share one index of rumors, so they must not meet.
    const subject = options.subject === undefined ? "" : `\0${options.subject}`;
    const ticket = ++this.#lastTicket;
    this.#dissemination.tell(input, options.rumorClass, subject, bytes, ticket, options.eager ?? false);
    this.#end(input);
    return ticket;
  }

  /** Sends an application message to one node in one datagram, best effort. */
  send(now: number, to: Address, payload: Uint8Array, out: Outbox): void {
    invariant(payload.length <= this.payloadBytesMax, "the host checks the size of datagrams");
    const input = this.#begin(now, out, "local", null);
    this.#mail.alone(input, to, this.#understandsCrc(to), { type: USER, payload });
    this.#end(input);
  }

  /** Sends an application message to one node over a stream. */
  sendReliable(now: number, to: Address, payload: Uint8Array, out: Outbox): void {
    const input = this.#begin(now, out, "local", null);
    out.stream(to, new MessageEncoder().encodeStreamUser(payload));
    this.#end(input);
  }

  /** Internal: fills the view with members as if they had long been known, without telling anybody. */
  adopt(now: number, records: readonly MemberRecord[], incarnation = 1): void {
    this.#table.reserve(this.#table.size + records.length);
    for (const record of records) {
      if (this.#table.find(record.name) < 0) this.#table.add(record, ALIVE_STATUS, incarnation, now);
    }
  }

  /** All members, this node included, in no order. Dead and left ones are listed until they are reaped. */
  members(): MemberView[] {
    const views: MemberView[] = [];
    for (let place = 0; place < this.#table.size; place++) views.push(this.#membership.view(this.#table.at(place)));
    return views;
  }

  member(name: string): MemberView | undefined {
    const slot = this.#table.find(name);
    return slot < 0 ? undefined : this.#membership.view(slot);
  }

  /** A member's status without a copy of the member. */
  statusOf(name: string): MemberStatus | undefined {
    const slot = this.#table.find(name);
    return slot < 0 ? undefined : statusName(this.#table.status(slot));
  }

  /** How many members have this status. */
  count(status: MemberStatus): number {
    const { size } = this.#table;
    const ends = [0, this.#table.groupEnd(ALIVE_STATUS), this.#table.groupEnd(SUSPECT_STATUS)];
    const [, alive = 0, suspect = 0] = ends;
    const dead = this.#table.groupEnd(DEAD_STATUS);
    if (status === "alive") return alive;
    if (status === "suspect") return suspect - alive;
    return status === "dead" ? dead - suspect : size - dead;
  }

  /** Who accused the member, by which path, who confirmed, who refuted, when: the last causes, oldest first. */
  explain(name: string): readonly Cause[] {
    return this.#evidence.of(name);
  }

  /** The local health score: 0 is healthy. */
  get awareness(): number {
    return this.#awareness.score;
  }

  /** How full everything is that can fill up; each has its limit in docs/limits.md. */
  get occupancy(): Readonly<Record<"members" | "rumors" | "suspicions" | "probes" | "relays" | "merges" | "exchanges" | "lost" | "deadlines", number>> {
    return {
      members: this.#table.size,
      rumors: this.#dissemination.size,
      suspicions: this.#suspicions.size,
      probes: this.#prober.size,
      relays: this.#relay.size,
      merges: this.#merges.size,
      exchanges: this.#exchanges.size,
      lost: this.#heal.size,
      deadlines: this.#deadlines.size,
    };
  }

  /** How often each rumor is sent in a view of the present size. */
  get transmitLimit(): number {
    return this.#dissemination.transmitLimit;
  }

  #begin(now: number, out: Outbox, path: Input["path"], from: Address | null): Input {
    const input = this.#input;
    input.now = now;
    input.out = out;
    input.path = path;
    input.from = from;
    input.eager = path !== "sync";
    input.rawEnd = 0;
    input.rawStart = 0;
    return input;
  }

  #end(input: Input): void {
    const { doneTickets } = this.#dissemination;
    for (const ticket of doneTickets) {
      if (ticket === this.#leaveTicket) input.out.event({ type: "leave-finished" });
      else input.out.event({ type: "rumor-finished", ticket });
    }
    doneTickets.length = 0;
    input.raw = EMPTY;
  }

  #fallDue(input: Input, kind: number, subject: number, stamp: number): void {
    switch (kind) {
      case due.PROBE_TICK:
        return this.#prober.tick(input);
      case due.PROBE_TIMEOUT:
        return this.#prober.timedOut(input, stamp);
      case due.PROBE_DEADLINE:
        return this.#prober.expired(input, stamp);
      case due.RELAY_TIMEOUT:
        return this.#relay.timedOut(input, stamp);
      case due.INQUIRY_TIMEOUT:
        return this.#inquiries.timedOut(input, stamp);
      case due.SUSPICION:
        return this.#endSuspicion(input, subject, stamp);
      case due.GOSSIP_TICK:
        return this.#dissemination.tick(input);
      case due.PUSH_PULL_TICK:
        return this.#pushPull.tick(input);
      case due.RESYNC:
        return this.#pushPull.resync(input);
      case due.HEAL_TICK:
        if (this.#rules.repairs) this.#heal.tick(input, stamp);
    }
  }

  /** A suspicion's deadline: stale if the member has refuted, or if fewer confirmations than now had set it. */
  #endSuspicion(input: Input, slot: Slot, stamp: number): void {
    if (this.#suspicions.isCurrent(slot, stamp) && this.#suspicions.isDue(slot, input.now)) {
      this.#membership.expire(input, slot);
    }
  }

  /**
   * The host was late: a blocked loop, or a process that was stopped and goes on. Answers may lie in buffers, so the
   * detector's deadlines move by the lateness, and this node trusts itself less before it accuses others.
   */
  #noteLateness(input: Input): void {
    const lateMs = input.now - this.#deadlines.nextAt();
    if (!(lateMs > LATE_MS)) {
      if (this.#awareness.score === 0) this.#isSlow = false;
      return;
    }
    this.counters.lateAdvances++;
    this.#deadlines.postpone(due.PROBE_TIMEOUT, due.SUSPICION, lateMs);
    this.#suspicions.postpone(lateMs);
    this.#awareness.apply(1);
    if (this.#isSlow) return;
    this.#isSlow = true;
    const score = this.#awareness.score;
    input.out.event({ type: "notice", notice: { kind: "slow", lateMs, score } });
  }

  #serve(input: Input, from: Address, request: Uint8Array): Uint8Array | undefined {
    if (request[0] === PUSH_PULL) return this.#pushPull.accept(input, from, request);
    if (request[0] === USER) {
      const payload = decodeStreamUser(request);
      if (isFault(payload)) this.counters.messagesRefused++;
      else if (payload.length > 0) {
        this.counters.userMessages++;
        input.out.event({ type: "user-message", payload, from, reliable: true });
      }
      return undefined;
    }
    const message = this.#decoder.decode(request, 0, request.length);
    if (message.type !== PING || (message.node !== "" && message.node !== this.#options.name)) return undefined;
    this.counters.pingsAnswered++;
    return encodeMessage({ type: ACK, seqNo: message.seqNo, payload: null });
  }

  #pingStream(input: Input, seqNo: number, to: Address, request: Uint8Array, deadline: number): void {
    this.#exchanges.open(input, to, request, deadline, (answered, result) => {
      if (!result.ok) {
        this.#prober.streamAnswered(answered, seqNo, result.failure === "timeout" ? "silent" : "refused");
        return;
      }
      const message = this.#decoder.decode(result.message, 0, result.message.length);
      const isAck = message.type === ACK && message.seqNo === seqNo;
      this.#prober.streamAnswered(answered, seqNo, isAck ? "answered" : "refused");
    });
  }

  #reap(input: Input): void {
    this.#membership.reap(input, input.now - this.#options.config.gossipToTheDeadMs, (record, status) => {
      if (status === DEAD_STATUS) this.#heal.lose(record, input.now);
    });
  }

  /** Stale suspicion deadlines can pile up under hostile traffic; keep the heap within twice what is current. */
  #sweep(): void {
    if (this.#deadlines.size < this.#sweepAt) return;
    this.#deadlines.sweep(
      (kind, subject, stamp) => kind === due.SUSPICION && !this.#suspicions.isCurrent(subject, stamp),
    );
    this.#sweepAt = Math.max(4096, 2 * this.#deadlines.size);
  }

  #understandsCrc(to: Address): boolean {
    for (let place = 0; place < this.#table.size; place++) {
      const record = this.#table.record(this.#table.at(place));
      if (record.address.key === to.key) return versionMax(record) >= 5;
    }
    return false;
  }
}

function ownVersions(options: SwimOptions): Uint8Array {
  const [dMin, dMax, dCur] = options.delegateVersions ?? [0, 0, 0];
  return Uint8Array.of(1, 5, options.protocolVersion ?? 2, dMin, dMax, dCur);
}

function checkedMeta(meta: Uint8Array): Uint8Array {
  invariant(meta.length <= META_BYTES_MAX, "the host checks the size of metadata");
  return meta;
}

/** An input that serves no call yet. */
function idleInput(): Input {
  const out: Outbox = { datagram() {}, exchange() {}, stream() {}, event() {} };
  return { now: 0, out, path: "local", from: null, eager: false, raw: EMPTY, rawStart: 0, rawEnd: 0 };
}
