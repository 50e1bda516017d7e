import { sameSlice } from "../bytes.ts";
import {
  APPLICATION,
  BULK,
  type Copy,
  RUMOR_CLASSES,
  RUMOR_SHARES,
  type Rumor,
  type RumorPacket,
  type RumorQueue,
  type RumorWatcher,
  URGENT,
} from "./rumor.ts";

/** Rumors that are looked at and found too long before a class gives up on a packet. Keeps `fill` in O(taken). */
const MISFITS_MAX = 8;

/**
 * The rumors that this node is telling, in classes with guaranteed shares of each packet.
 *
 * Within a class rumors stand in one list for each number of transmissions, latest filed first, so that the least told
 * comes first and taking a packet's worth never looks at the rest. A class that did not get its share of one packet,
 * because its next rumor was too long for it, has the rest as credit in the next: so a long rumor waits for some packets
 * but never for ever.
 */
export class RumorStore implements RumorQueue {
  readonly #watcher: RumorWatcher;
  readonly #capacity: number;
  readonly #classes: ClassQueue[] = [];
  readonly #bySubject = new Map<string, Rumor>();
  /** Taken from their lists by the fill under way, to be filed again after it, so that none is taken twice. */
  readonly #taken: Rumor[] = [];
  #size = 0;

  constructor(capacity: number, watcher: RumorWatcher) {
    this.#capacity = capacity;
    this.#watcher = watcher;
    for (let i = 0; i < RUMOR_CLASSES; i++) this.#classes.push(new ClassQueue());
  }

  get size(): number {
    return this.#size;
  }

  /** Rumors of one class. */
  sizeOf(rumorClass: number): number {
    return this.#class(rumorClass).size;
  }

  put(rumor: Rumor): void {
    if (rumor.subject !== "") {
      const older = this.#bySubject.get(rumor.subject);
      if (older !== undefined) this.#remove(older, "superseded");
      this.#bySubject.set(rumor.subject, rumor);
    }
    this.#file(rumor);
    if (this.#size > this.#capacity) this.#dropLeast();
  }

  fill(packet: RumorPacket, limit: number): number {
    if (this.#size === 0) return 0;
    const room = packet.room();
    for (let c = 0; c < RUMOR_CLASSES; c++) this.#class(c).grant((room * (RUMOR_SHARES[c] ?? 0)) / 100, room);
    // First whoever saved up for a long rumor, while there is room for it; then everybody's share; then the rest.
    for (let c = 0; c < RUMOR_CLASSES; c++) this.#takeSavedFor(this.#class(c), packet, room);
    for (let c = 0; c < RUMOR_CLASSES; c++) this.#take(this.#class(c), packet, true);
    for (let c = 0; c < RUMOR_CLASSES; c++) this.#take(this.#class(c), packet, false);
    return this.#fileTaken(limit);
  }

  transmitted(rumor: Rumor, times: number, limit: number): void {
    if (!rumor.isQueued) return;
    this.#unfile(rumor);
    this.#countTransmits(rumor, times, limit);
  }

  heardAgain(subject: string, copy: Copy, datagram: number, limit: number): void {
    const rumor = this.#bySubject.get(subject);
    if (rumor === undefined || rumor.heardIn === datagram) return;
    if (!sameSlice(rumor.bytes, copy.raw, copy.rawStart, copy.rawEnd)) return;
    rumor.heardIn = datagram;
    if (++rumor.heard >= limit && rumor.transmits > 0) this.#remove(rumor, "known");
  }

  countOf(subjectPrefix: string): number {
    let count = 0;
    for (const subject of this.#bySubject.keys()) if (subject.startsWith(subjectPrefix)) count++;
    return count;
  }

  forget(upToId: number): void {
    for (const rumorClass of [URGENT, APPLICATION, BULK]) {
      for (const head of this.#class(rumorClass).heads) {
        let rumor = head;
        while (rumor !== null) {
          const older: Rumor | null = rumor.older;
          if (rumor.id <= upToId) this.#remove(rumor, "dropped");
          rumor = older;
        }
      }
    }
  }

  #takeSavedFor(queue: ClassQueue, packet: RumorPacket, room: number): void {
    const next = queue.first();
    if (next === null || next.bytes.length <= (room * RUMOR_SHARE_MIN) / 100) return;
    if (next.bytes.length <= queue.credit) this.#takeOne(queue, next, packet);
  }

  #take(queue: ClassQueue, packet: RumorPacket, withinCredit: boolean): void {
    let misfits = 0;
    for (let transmits = queue.lowest; transmits < queue.heads.length; transmits++) {
      let rumor = queue.heads[transmits] ?? null;
      while (rumor !== null) {
        const older: Rumor | null = rumor.older;
        const room = packet.room();
        const allowed = withinCredit ? Math.min(room, queue.credit) : room;
        if (rumor.bytes.length > allowed || !this.#takeOne(queue, rumor, packet)) {
          if (room <= 0 || ++misfits > MISFITS_MAX) return;
        }
        rumor = older;
      }
    }
  }

  #takeOne(queue: ClassQueue, rumor: Rumor, packet: RumorPacket): boolean {
    const room = packet.room();
    if (!packet.add(rumor.bytes)) return false;
    this.#unfile(rumor);
    // What the packet spends on a part's header counts too, or the last class would pay for all of them.
    queue.credit = Math.max(0, queue.credit - (room - packet.room()));
    this.#taken.push(rumor);
    return true;
  }

  /** Files the taken again, newest last, so that the newest is first in its list. */
  #fileTaken(limit: number): number {
    const count = this.#taken.length;
    for (let i = count - 1; i >= 0; i--) this.#countTransmits(this.#taken[i] as Rumor, 1, limit);
    this.#taken.length = 0;
    return count;
  }

  #countTransmits(rumor: Rumor, times: number, limit: number): void {
    rumor.transmits += times;
    if (rumor.transmits >= limit) this.#finish(rumor, "spent");
    else this.#file(rumor);
  }

  /** Over capacity, the least pressing class loses the rumor that has been told most. */
  #dropLeast(): void {
    for (let c = BULK; c >= 0; c--) {
      const last = this.#class(c).last();
      if (last !== null) {
        this.#remove(last, "dropped");
        return;
      }
    }
  }

  #remove(rumor: Rumor, reason: "superseded" | "known" | "dropped"): void {
    this.#unfile(rumor);
    this.#finish(rumor, reason);
  }

  #finish(rumor: Rumor, reason: "spent" | "superseded" | "known" | "dropped"): void {
    if (this.#bySubject.get(rumor.subject) === rumor) this.#bySubject.delete(rumor.subject);
    this.#watcher.finished(rumor, reason);
  }

  #file(rumor: Rumor): void {
    this.#class(rumor.rumorClass).add(rumor);
    rumor.isQueued = true;
    this.#size++;
  }

  #unfile(rumor: Rumor): void {
    this.#class(rumor.rumorClass).remove(rumor);
    rumor.isQueued = false;
    this.#size--;
  }

  #class(rumorClass: number): ClassQueue {
    return this.#classes[rumorClass] as ClassQueue;
  }
}

/** The smallest share: only a rumor longer than this can ever need saving for. */
const RUMOR_SHARE_MIN: number = Math.min(...RUMOR_SHARES);

/** One class: a doubly linked list of rumors for each number of transmissions. */
class ClassQueue {
  readonly heads: (Rumor | null)[] = [];
  readonly #tails: (Rumor | null)[] = [];
  /** No list below this one has a rumor. */
  lowest = 0;
  size = 0;
  /** Bytes of the current packet that this class may take before others. */
  credit = 0;

  /**
   * A new packet: adds the share to what was saved, up to one packet's worth. A small packet, such as an ack with a
   * payload, takes nothing away: its worth is not what a long rumor waits for. An empty class saves nothing.
   */
  grant(share: number, packetRoom: number): void {
    this.credit = this.size === 0 ? 0 : Math.max(this.credit, Math.min(packetRoom, this.credit + share));
  }

  add(rumor: Rumor): void {
    while (this.heads.length <= rumor.transmits) {
      this.heads.push(null);
      this.#tails.push(null);
    }
    const head = this.heads[rumor.transmits] ?? null;
    rumor.older = head;
    rumor.newer = null;
    if (head === null) this.#tails[rumor.transmits] = rumor;
    else head.newer = rumor;
    this.heads[rumor.transmits] = rumor;
    this.lowest = this.size === 0 ? rumor.transmits : Math.min(this.lowest, rumor.transmits);
    this.size++;
  }

  remove(rumor: Rumor): void {
    if (rumor.newer === null) this.heads[rumor.transmits] = rumor.older;
    else rumor.newer.older = rumor.older;
    if (rumor.older === null) this.#tails[rumor.transmits] = rumor.newer;
    else rumor.older.newer = rumor.newer;
    rumor.newer = null;
    rumor.older = null;
    this.size--;
  }

  /** The rumor to tell next. */
  first(): Rumor | null {
    if (this.size === 0) return null;
    while ((this.heads[this.lowest] ?? null) === null) this.lowest++;
    return this.heads[this.lowest] ?? null;
  }

  /** The rumor to drop first: told most often, and of those the one filed longest ago. */
  last(): Rumor | null {
    if (this.size === 0) return null;
    for (let transmits = this.heads.length - 1; transmits >= 0; transmits--) {
      const tail = this.#tails[transmits] ?? null;
      if (tail !== null) return tail;
    }
    return null;
  }
}
