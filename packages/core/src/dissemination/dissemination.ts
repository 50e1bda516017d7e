import type { SwimConfig } from "../base/config.ts";
import type { Counters } from "../base/counters.ts";
import { type Deadlines, GOSSIP_TICK } from "../base/deadlines.ts";
import { invariant } from "../base/invariant.ts";
import { type Random, unit } from "../base/random.ts";
import type { Rules } from "../base/rules.ts";
import type { Call, Done, Provenance } from "../call/call.ts";
import type { PacketSender, Recipient, RumorSource } from "../call/packet-sender.ts";
import { type MemberRecord, readsChecksums } from "../membership/member-record.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Selection } from "../membership/selection.ts";
import { SUSPECT_STATUS } from "../membership/status.ts";
import { USER } from "../wire/messages.ts";
import type { PacketCodec } from "../wire/packets.ts";
import { EagerLane } from "./eager-lane.ts";
import { OrphanExpiry } from "./orphan-expiry.ts";
import { ReferenceQueue } from "./reference-queue.ts";
import {
  ALL_KINDS,
  EXTENSIONS_ONLY,
  newRumor,
  PLAIN,
  type Rumor,
  type RumorClass,
  type RumorQueue,
  type RumorWatcher,
  type TransmitLimits,
  transmitLimit,
  type Wanted,
} from "./rumor.ts";
import { RumorStore } from "./rumor-store.ts";

/** In a smaller pool, rumors are sent as often as in a pool of this size. */
const SMALLEST_POOL = 10;

/** The reference's queue for a layer's message, by class. The first queue is that of membership. */
const REFERENCE_QUEUES: Readonly<Record<RumorClass, number>> = [2, 1, 1, 3, 3];

/** What dissemination works with. */
export interface DisseminationParts {
  readonly config: SwimConfig;
  readonly rules: Rules;
  readonly table: MemberTable;
  readonly selection: Selection;
  readonly deadlines: Deadlines;
  readonly counters: Counters;
  readonly random: Random;
  readonly self: Slot;
}

/** A message that must spread. */
export interface Broadcast {
  readonly rumorClass: RumorClass;
  /** A newer message of the same subject replaces this one. If empty, nothing replaces it. */
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** Called once, at the end of the call in which the rumor ends; null if nobody waits for it. */
  readonly onDone: Done | null;
  readonly isEager: boolean;
  /** Whether it may spend the reserve of the eager lane's budget. Default: false. */
  readonly isPressing?: boolean;
  /** Whether it is only for members that understand Hearsay's extensions. Default: false. */
  readonly isExtension?: boolean;
}

/**
 * Spreads news: keeps the rumors, passes fresh ones on at once through the eager lane, sends the rest on ticks, and
 * fills up packets that are sent anyway.
 */
export class Dissemination implements RumorSource, RumorWatcher {
  readonly #parts: DisseminationParts;
  readonly #queues: readonly RumorQueue[];
  readonly #eager: EagerLane;
  /** Callbacks of rumors that have ended, for the owner to call and clear. */
  readonly done: Done[] = [];
  #sender: PacketSender | null = null;
  #lastId = 0;
  /** The transmit limits, and the sizes of the view that they were computed for. */
  #limits: TransmitLimits = { plain: 0, extension: 0 };
  #limitSize = -1;
  #limitMult = 0;
  #limitCapable = -1;
  /**
   * Whether the last tick was for extensions alone. Every other tick is, while there are extensions in a mixed pool:
   * ticks might choose only few of the members that understand them.
   */
  #isForExtensions = false;
  readonly #unheard = new OrphanExpiry();
  readonly #unheardExtensions = new OrphanExpiry();

  constructor(parts: DisseminationParts) {
    this.#parts = parts;
    this.#queues = parts.rules.fairShares
      ? [new RumorStore(parts.config.rumorsMax, this)]
      : Array.from({ length: 4 }, () => new ReferenceQueue(parts.config.rumorsMax, this));
    this.#eager = new EagerLane(parts);
  }

  /** Rumors in the queues. */
  get size(): number {
    let size = 0;
    for (const queue of this.#queues) size += queue.size;
    return size;
  }

  /** Rumors in the queues whose subjects have this prefix. */
  countOf(subjectPrefix: string): number {
    let count = 0;
    for (const queue of this.#queues) count += queue.countOf(subjectPrefix);
    return count;
  }

  /** How often a rumor is sent in a view of the current size. */
  get transmitLimits(): TransmitLimits {
    const { table, config } = this.#parts;
    const { retransmitMult } = config;
    const isSame = table.size === this.#limitSize && table.capable === this.#limitCapable;
    if (!isSame || retransmitMult !== this.#limitMult) {
      this.#limitSize = table.size;
      this.#limitCapable = table.capable;
      this.#limitMult = retransmitMult;
      this.#limits = { plain: this.#limitIn(table.size), extension: this.#limitIn(table.capable) };
    }
    return this.#limits;
  }

  start(now: number, sender: PacketSender): void {
    const { config, random, deadlines } = this.#parts;
    this.#sender = sender;
    if (config.gossipIntervalMs > 0) deadlines.push(now + unit(random) * config.gossipIntervalMs, GOSSIP_TICK);
  }

  /**
   * Queues a message. An eager message is also sent to a few members within this turn. If it is pressing, it may spend
   * the reserve of the lane's budget too.
   */
  broadcast(call: Call, broadcast: Broadcast): void {
    const { rumorClass, subject, bytes, onDone, isEager, isPressing = false, isExtension = false } = broadcast;
    if (bytes.length > this.#startedSender().packets.emptyRoom()) {
      this.#parts.counters.messagesUnsendable++;
      if (onDone !== null) this.done.push(onDone);
      return;
    }
    const source = sourceOf(call.provenance);
    const id = ++this.#lastId;
    const rumor = newRumor({ bytes, rumorClass, subject, id, onDone, source, isExtension, isPressing });
    this.#parts.counters.rumorsQueued++;
    this.#queueOf(rumor).put(rumor);
    if (isEager && this.#parts.rules.fairShares) this.#eager.add(call, rumor);
  }

  /** The current message may be a copy of a rumor in the queues about this subject. */
  heardAgain(call: Call, subject: string): void {
    const { copy } = call.provenance;
    if (copy === null) return;
    for (const queue of this.#queues) {
      queue.heardAgain(subject, copy, this.#parts.counters.datagramsIn, this.transmitLimits);
    }
  }

  fill(packets: PacketCodec, to: Recipient | null): void {
    const { table } = this.#parts;
    const isCapable = to === null ? table.capable === table.size : to.isCapable;
    this.#fill(packets, isCapable ? ALL_KINDS : PLAIN);
  }

  /** One gossip tick (docs/protocol/memberlist.md, section 17). */
  tick(call: Call): void {
    const { config, rules, random, deadlines, selection, self, table } = this.#parts;
    const jitter = rules.jitter ? 0.9 + 0.2 * unit(random) : 1;
    deadlines.push(call.now + config.gossipIntervalMs * jitter, GOSSIP_TICK);
    if (this.size === 0) return;
    this.#isForExtensions = !this.#isForExtensions && this.#hasMixedNews();
    const count = selection.choose(config.gossipNodes, {
      capable: this.#isForExtensions,
      except: self,
      orExcept: -1,
      suspects: true,
      deadSince: call.now - config.gossipToTheDeadMs,
    });
    this.#forgetUnheard(call.now);
    for (let i = 0; i < count && this.size > 0; i++) {
      this.#gossipTo(call, table.record(selection.chosen[i] as number));
    }
  }

  /** Sends the fresh rumors that wait in the eager lane, as far as there are tokens. */
  flushEager(call: Call): void {
    // The lane works only with fair shares, where one store holds the rumors of all classes.
    this.#eager.flush(call, this.#startedSender(), this.#queues[0] as RumorQueue, this.transmitLimits);
  }

  /** A member appeared or its status changed. */
  moved(slot: Slot): void {
    this.#eager.moved(slot);
  }

  finished(rumor: Rumor, reason: "spent" | "superseded" | "known" | "dropped"): void {
    const { counters } = this.#parts;
    if (reason === "superseded") counters.rumorsSuperseded++;
    else if (reason === "known") counters.rumorsKnown++;
    else if (reason === "dropped") counters.rumorsDropped++;
    if (rumor.onDone !== null) this.done.push(rumor.onDone);
  }

  #fill(packets: PacketCodec, wanted: Wanted): void {
    for (const queue of this.#queues) queue.fill(packets, this.transmitLimits, wanted);
  }

  #limitIn(members: number): number {
    const { config, rules } = this.#parts;
    // A view that is still filling up must not spend its rumors on the few members that are there first.
    return transmitLimit(config.retransmitMult, rules.repairs ? Math.max(SMALLEST_POOL, members) : members);
  }

  /** Drops application rumors that waited too long without any member to receive them. */
  #forgetUnheard(now: number): void {
    const { table, self } = this.#parts;
    // The count of live members includes this node, and that of capable members may.
    const isAlone = table.groupEnd(SUSPECT_STATUS) <= 1;
    const isOnlyCapable = table.capable <= Number(table.record(self).isCapable);
    const overdue = this.#unheard.tick(now, isAlone, this.#lastId);
    const overdueExtensions = this.#unheardExtensions.tick(now, isAlone || isOnlyCapable, this.#lastId);
    if (overdue === 0 && overdueExtensions === 0) return;
    for (const queue of this.#queues) queue.forget(overdue, overdueExtensions);
  }

  /** Whether there are rumors that not all members understand. */
  #hasMixedNews(): boolean {
    const { table } = this.#parts;
    return table.capable < table.size && this.#queues.some(({ extensions }) => extensions > 0);
  }

  #gossipTo(call: Call, record: MemberRecord): void {
    const sender = this.#startedSender();
    sender.packets.begin();
    if (this.#isForExtensions) this.#fill(sender.packets, EXTENSIONS_ONLY);
    else this.fill(sender.packets, record);
    if (sender.packets.count > 0) sender.flush(call, record.address, readsChecksums(record));
  }

  /**
   * The reference keeps a layer's messages in separate queues. Each queue gets the room that the one before it leaves.
   * Serf's queues are intents, queries and events, in this order (docs/protocol/serf.md, section 3).
   */
  #queueOf({ rumorClass, bytes }: Rumor): RumorQueue {
    const isLayers = this.#queues.length > 1 && bytes[0] === USER;
    return this.#queues[isLayers ? REFERENCE_QUEUES[rumorClass] : 0] as RumorQueue;
  }

  #startedSender(): PacketSender {
    invariant(this.#sender !== null, "a node is started before it speaks");
    return this.#sender;
  }
}

/** The address key of the node that sent the news, which need not receive it; empty for this node's own news. */
function sourceOf({ path, from }: Provenance): string {
  return (path === "packet" || path === "sync") && from !== null ? from.key : "";
}
