import type { SwimConfig } from "../base/config.ts";
import type { Counters } from "../base/counters.ts";
import { type Deadlines, EAGER_FLUSH } from "../base/deadlines.ts";
import type { Call } from "../call/call.ts";
import type { PacketSender } from "../call/packet-sender.ts";
import { readsChecksums } from "../membership/member-record.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Selection } from "../membership/selection.ts";
import { limitOf, type Rumor, type RumorQueue, type TransmitLimits } from "./rumor.ts";
import { Successor } from "./successor.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Most members that fresh news is sent to. Half of a rumor's transmissions stay for the ticks, as a repair. */
export const EAGER_FAN_OUT_MAX = 4;

/** Share of the burst that is reserved for pressing news. */
const KEPT_SHARE = 0.25;

/** Most fresh rumors that wait for a flush, and most pressing ones besides; further ones wait for the tick. */
export const EAGER_RUMORS_MAX = 64;

/** What the eager lane works with. */
export interface EagerParts {
  readonly config: SwimConfig;
  readonly table: MemberTable;
  readonly selection: Selection;
  readonly deadlines: Deadlines;
  readonly counters: Counters;
  readonly self: Slot;
}

/**
 * Passes fresh news on in the turn in which it arrived. This spends the rumor's own transmissions.
 *
 * The first target is the successor in the ring of capable members. The next ones are the members between this node and
 * the successor, which no other node is sure to tell. The others are random. No news is sent back to its source.
 * Rumors that arrive together are sent together, in one packet to each target. A token bucket bounds the packets: while
 * it is empty, news gathers, and is sent in fuller packets as soon as there are tokens. A quarter of the burst is
 * reserved for pressing news, so that a flood of arrivals, departures and events cannot delay accusations and
 * refutations.
 */
export class EagerLane {
  readonly #parts: EagerParts;
  readonly #bucket: TokenBucket;
  readonly #successor: Successor;
  readonly #targets: Slot[] = [];
  readonly #sent: number[] = [];
  /** Rumors that wait to be sent. Pressing ones have their own list, so that the others never fill it. */
  #fresh: Rumor[] = [];
  #pressing: Rumor[] = [];

  constructor(parts: EagerParts) {
    this.#parts = parts;
    this.#bucket = new TokenBucket(parts.config.eagerPacketsPerSecond, parts.config.eagerBurst, 0);
    this.#successor = new Successor(parts.table, parts.self);
  }

  /** Adds a queued rumor. The first one of a turn requests a flush at once, which the host runs at the turn's end. */
  add(call: Call, rumor: Rumor): void {
    if (this.#parts.config.eagerPacketsPerSecond <= 0) return;
    const waiting = rumor.isPressing ? this.#pressing : this.#fresh;
    if (waiting.length >= EAGER_RUMORS_MAX) {
      this.#parts.counters.eagerFallbacks++;
      return;
    }
    // Pressing news doesn't wait for the tokens that other news waits for.
    const isFirst = this.#pressing.length === 0 && (rumor.isPressing || this.#fresh.length === 0);
    if (isFirst) this.#parts.deadlines.push(call.now, EAGER_FLUSH);
    waiting.push(rumor);
  }

  moved(slot: Slot): void {
    this.#successor.moved(slot);
  }

  flush(call: Call, sender: PacketSender, queue: RumorQueue, limits: TransmitLimits): void {
    const pressing = this.#pressing.filter((rumor) => rumor.isQueued);
    const fresh = this.#fresh.filter((rumor) => rumor.isQueued);
    this.#pressing = [];
    this.#fresh = [];
    const { eagerBurst } = this.#parts.config;
    const fanOut = Math.min(EAGER_FAN_OUT_MAX, eagerBurst, limits.plain >> 1);
    // A small burst has no reserve.
    const kept = Math.min(eagerBurst - fanOut, Math.floor(eagerBurst * KEPT_SHARE));
    // Pressing news is sent with the rest while there are tokens for both, otherwise alone, from the reserve.
    const isAlone = pressing.length > 0 && !this.#bucket.take(call.now, 0, fanOut + kept);
    // If all members understand extensions, these are sent together with the rest.
    const isMixed = this.#parts.table.capable < this.#parts.table.size;
    const plain = isMixed ? fresh.filter((rumor) => !rumor.isExtension) : fresh;
    const extensions = isMixed ? fresh.filter((rumor) => rumor.isExtension) : [];
    const batches = isAlone ? [pressing, plain, extensions] : [[...pressing, ...plain], extensions];
    let waitMs = Number.POSITIVE_INFINITY;
    for (const batch of batches) {
      if (batch.length === 0) continue;
      const keeps = isAlone && batch === pressing ? 0 : kept;
      waitMs = Math.min(waitMs, this.#flushBatch(call, sender, queue, limits, batch, fanOut, keeps));
    }
    const isWaiting = this.#pressing.length > 0 || this.#fresh.length > 0;
    if (isWaiting) this.#parts.deadlines.push(call.now + waitMs, EAGER_FLUSH);
  }

  /**
   * Sends one batch to the same members, if that leaves `kept` tokens. Returns how long, in milliseconds, the unsent
   * part of it waits.
   */
  #flushBatch(
    call: Call,
    sender: PacketSender,
    queue: RumorQueue,
    limits: TransmitLimits,
    batch: Rumor[],
    fanOut: number,
    kept: number,
  ): number {
    if (!this.#bucket.take(call.now, fanOut, kept)) {
      for (const rumor of batch) this.#keep(rumor);
      return this.#bucket.msUntil(fanOut + kept);
    }
    // Pressing rumors first, then by class, then oldest first, so that receivers get related news in order.
    const pressure = (rumor: Rumor): number => (rumor.isPressing ? 0 : 1);
    batch.sort((a, b) => pressure(a) - pressure(b) || a.rumorClass - b.rumorClass || a.id - b.id);
    this.#chooseTargets(fanOut, batch);
    this.#sent.length = 0;
    for (let i = 0; i < batch.length; i++) this.#sent.push(0);
    let packets = 0;
    for (const target of this.#targets) if (this.#sendTo(call, sender, target, batch, limits)) packets++;
    this.#bucket.put(fanOut - packets);
    for (const [i, rumor] of batch.entries()) {
      const times = this.#sent[i] ?? 0;
      if (times > 0) queue.transmitted(rumor, times, limits);
      // A rumor that did not fit beside others waits for the next flush. Otherwise no target can take it.
      else if (packets > 0 && batch.length > 1) this.#keep(rumor);
      else this.#parts.counters.eagerFallbacks++;
    }
    return 0;
  }

  /** Keeps a rumor for the next flush. */
  #keep(rumor: Rumor): void {
    if (rumor.isPressing) this.#pressing.push(rumor);
    else this.#fresh.push(rumor);
  }

  #sendTo(call: Call, sender: PacketSender, target: Slot, fresh: readonly Rumor[], limits: TransmitLimits): boolean {
    const { table, counters } = this.#parts;
    const record = table.record(target);
    const { key } = record.address;
    sender.packets.begin();
    for (const [i, rumor] of fresh.entries()) {
      const sent = this.#sent[i] ?? 0;
      // Ticks may have sent it while it waited for tokens.
      if (
        rumor.source === key ||
        rumor.transmits + sent >= limitOf(rumor, limits) ||
        rumor.bytes.length > sender.packets.room()
      )
        continue;
      if (sender.packets.add(rumor.bytes)) this.#sent[i] = sent + 1;
    }
    if (sender.packets.count === 0) return false;
    counters.eagerPackets++;
    sender.flush(call, record.address, readsChecksums(record));
    return true;
  }

  #chooseTargets(fanOut: number, fresh: readonly Rumor[]): void {
    const { selection, self } = this.#parts;
    const targets = this.#targets;
    targets.length = 0;
    // If all news came from one node, that node is no target. If sources differ, each packet omits its target's news.
    const source = fresh.every((rumor) => rumor.source === fresh[0]?.source) ? fresh[0]?.source : "";
    // In a mixed pool, a batch has only extensions or only plain rumors.
    const capable = fresh.every(({ isExtension }) => isExtension);
    const { slot: successor, between } = this.#successor;
    if (successor >= 0) this.#aim(successor, fanOut, source);
    if (!capable) for (const slot of between) this.#aim(slot, fanOut, source);
    const count = selection.alive(fanOut + 1 + between.length, self, targets[0] ?? -1, capable);
    for (let i = 0; i < count; i++) this.#aim(selection.chosen[i] as number, fanOut, source);
  }

  #aim(slot: Slot, fanOut: number, source: string | undefined): void {
    const targets = this.#targets;
    if (targets.length >= fanOut || targets.includes(slot)) return;
    if (source === "" || this.#parts.table.record(slot).address.key !== source) targets.push(slot);
  }
}
