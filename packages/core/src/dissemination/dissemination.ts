import type { SwimConfig } from "../config.ts";
import type { Counters } from "../counters.ts";
import { type Deadlines, GOSSIP_TICK } from "../deadlines.ts";
import type { Input } from "../input.ts";
import { invariant } from "../invariant.ts";
import type { Mail, RumorSource } from "../mail.ts";
import { type MemberRecord, readsChecksums } from "../membership/member-record.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Selection } from "../membership/selection.ts";
import { SUSPECT_STATUS } from "../membership/status.ts";
import { type Random, unit } from "../random.ts";
import type { Rules } from "../rules.ts";
import { USER } from "../wire/messages.ts";
import type { PacketCodec } from "../wire/packets.ts";
import { EagerLane } from "./eager-lane.ts";
import { ReferenceQueue } from "./reference-queue.ts";
import { newRumor, type Rumor, type RumorClass, type RumorQueue, type RumorWatcher, transmitLimit } from "./rumor.ts";
import { RumorStore } from "./rumor-store.ts";

/** Rumors are sent as often as in a pool of this size at least. */
const SMALLEST_POOL = 10;

/**
 * How long, in milliseconds, a node that has nobody to talk to keeps what the application tells: long enough for a first
 * join, and at most twice this. News is for members that are there; whoever comes later gets none of it.
 */
const UNHEARD_MS = 30_000;

/** By class, which of the reference's queues a layer's message goes into; membership's own is the first. */
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

/**
 * Spreads news: keeps the rumors, passes fresh ones on at once through the eager lane, sends the rest on ticks and fills
 * up every packet that goes out anyway.
 */
export class Dissemination implements RumorSource, RumorWatcher {
  readonly #parts: DisseminationParts;
  readonly #queues: readonly RumorQueue[];
  readonly #eager: EagerLane;
  /** Tickets of rumors that are done, for the owner to report and clear. */
  readonly doneTickets: number[] = [];
  #mail: Mail | null = null;
  #lastId = 0;
  /** The transmit limit, and the size of the view that it was computed for. */
  #limit = 0;
  #limitSize = -1;
  /** Since when, as far as ticks with something to tell have shown, there has been nobody to tell. */
  #aloneSince: number = Number.POSITIVE_INFINITY;
  /** The last rumor at that time. */
  #lastIdThen = 0;

  constructor(parts: DisseminationParts) {
    this.#parts = parts;
    this.#queues = parts.rules.fairShares
      ? [new RumorStore(parts.config.rumorsMax, this)]
      : Array.from({ length: 4 }, () => new ReferenceQueue(parts.config.rumorsMax, this));
    this.#eager = new EagerLane(parts);
  }

  /** Rumors that are being told. */
  get size(): number {
    let size = 0;
    for (const queue of this.#queues) size += queue.size;
    return size;
  }

  /** Rumors that are being told whose subjects begin so. */
  countOf(subjectPrefix: string): number {
    let count = 0;
    for (const queue of this.#queues) count += queue.countOf(subjectPrefix);
    return count;
  }

  /** How often a rumor is sent in a view of this size. */
  get transmitLimit(): number {
    const { table, config, rules } = this.#parts;
    if (table.size !== this.#limitSize) {
      this.#limitSize = table.size;
      // A view that is just filling up must not spend its rumors on the few who are there first.
      const size = rules.repairs ? Math.max(SMALLEST_POOL, table.size) : table.size;
      this.#limit = transmitLimit(config.retransmitMult, size);
    }
    return this.#limit;
  }

  start(now: number, mail: Mail): void {
    const { config, random, deadlines } = this.#parts;
    this.#mail = mail;
    if (config.gossipIntervalMs > 0) deadlines.push(now + unit(random) * config.gossipIntervalMs, GOSSIP_TICK);
  }

  /**
   * Queues a message. With `eager`, it goes out to a few members within this turn already; if it is pressing, also where
   * the lane's budget is spent but for what is kept for such news.
   */
  tell(
    input: Input,
    rumorClass: RumorClass,
    subject: string,
    bytes: Uint8Array,
    ticket: number,
    eager: boolean,
    isPressing = false,
  ): void {
    if (bytes.length > this.#startedMail().packets.emptyRoom()) {
      this.#parts.counters.messagesUnsendable++;
      if (ticket !== 0) this.doneTickets.push(ticket);
      return;
    }
    const source = isFromOthers(input) && input.from !== null ? input.from.key : "";
    const rumor = newRumor({ bytes, rumorClass, subject, id: ++this.#lastId, ticket, source });
    this.#parts.counters.rumorsQueued++;
    this.#queueOf(rumor).put(rumor);
    if (eager && this.#parts.rules.fairShares) this.#eager.add(input, rumor, isPressing);
  }

  /** The message in hand is about a subject that we may be telling the same of. */
  heardAgain(input: Input, subject: string): void {
    if (input.rawEnd <= input.rawStart) return;
    for (const queue of this.#queues) {
      queue.heardAgain(subject, input, this.#parts.counters.datagramsIn, this.transmitLimit);
    }
  }

  /** Fills up a packet. */
  fill(packets: PacketCodec): void {
    for (const queue of this.#queues) queue.fill(packets, this.transmitLimit);
  }

  /** One gossip tick (docs/protocol/memberlist.md, section 17). */
  tick(input: Input): void {
    const { config, rules, random, deadlines, selection, self, table } = this.#parts;
    const jitter = rules.jitter ? 0.9 + 0.2 * unit(random) : 1;
    deadlines.push(input.now + config.gossipIntervalMs * jitter, GOSSIP_TICK);
    if (this.size === 0) return;
    const count = selection.choose(config.gossipNodes, {
      except: self,
      orExcept: -1,
      suspects: true,
      deadSince: input.now - config.gossipToTheDeadMs,
    });
    // This node itself is one of the live ones.
    if (table.groupEnd(SUSPECT_STATUS) > 1) this.#aloneSince = Number.POSITIVE_INFINITY;
    else this.#forgetUnheard(input.now);
    for (let i = 0; i < count; i++) {
      if (!this.#gossipTo(input, table.record(selection.chosen[i] as number))) return;
    }
  }

  /** Sends the fresh rumors that wait in the eager lane, as far as there are tokens. */
  flushEager(input: Input): void {
    // With fair shares, which the lane needs, one store holds the rumors of all classes.
    this.#eager.flush(input, this.#startedMail(), this.#queues[0] as RumorQueue, this.transmitLimit);
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
    if (rumor.ticket !== 0) this.doneTickets.push(rumor.ticket);
  }

  /** Nobody is there: drops what was told before the present wait began, once that is over, and begins another. */
  #forgetUnheard(now: number): void {
    const isFirst = this.#aloneSince === Number.POSITIVE_INFINITY;
    if (!isFirst && now - this.#aloneSince < UNHEARD_MS) return;
    if (!isFirst) for (const queue of this.#queues) queue.forget(this.#lastIdThen);
    this.#aloneSince = now;
    this.#lastIdThen = this.#lastId;
  }

  #gossipTo(input: Input, record: MemberRecord): boolean {
    const mail = this.#startedMail();
    mail.packets.begin();
    this.fill(mail.packets);
    if (mail.packets.count === 0) return false;
    mail.flush(input, record.address, readsChecksums(record));
    return true;
  }

  /**
   * The reference keeps a layer's messages in queues of their own, each of which gets what the one before leaves over: Serf's
   * are intents, queries and events, in this order (docs/protocol/serf.md, section 3).
   */
  #queueOf({ rumorClass, bytes }: Rumor): RumorQueue {
    const isLayers = this.#queues.length > 1 && bytes[0] === USER;
    return this.#queues[isLayers ? REFERENCE_QUEUES[rumorClass] : 0] as RumorQueue;
  }

  #startedMail(): Mail {
    invariant(this.#mail !== null, "a node is started before it speaks");
    return this.#mail;
  }
}

/** Whether the news in hand came from another node, which need not be told of it. */
function isFromOthers({ path }: Input): boolean {
  return path === "packet" || path === "sync";
}
