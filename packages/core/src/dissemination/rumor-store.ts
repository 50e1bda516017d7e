import { sameSlice } from "../base/bytes.ts";
import type { Copy } from "../call/call.ts";
import { ClassQueue, newerOf } from "./class-queue.ts";
import {
  ALL_KINDS,
  APPLICATION,
  BULK,
  limitOf,
  RUMOR_CLASSES,
  RUMOR_SHARES,
  type Rumor,
  type RumorPacket,
  type RumorQueue,
  type RumorWatcher,
  type TransmitLimits,
  URGENT,
  type Wanted,
} from "./rumor.ts";
import type { RumorLists } from "./rumor-lists.ts";

/** Rumors that may be too long for a packet before a class gives up on it. This keeps `fill` in O(taken). */
const MISFITS_MAX = 8;

/**
 * The rumors that this node spreads, in classes with guaranteed shares of each packet.
 *
 * Each class has one list for each number of transmissions, with the rumor added last first. So the rumor sent least
 * comes first, and filling a packet never looks at the rest. If a class could not use its share of a packet because its
 * next rumor was too long, the unused part is its credit in the next packet: a long rumor waits for some packets, but
 * not forever.
 */
export class RumorStore implements RumorQueue {
  readonly #watcher: RumorWatcher;
  readonly #capacity: number;
  readonly #classes: ClassQueue[] = [];
  readonly #bySubject = new Map<string, Rumor>();
  /** Rumors that the current fill took from their lists. They are filed again after it, so that none is taken twice. */
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

  get extensions(): number {
    return this.#classes.reduce((sum, { extensions }) => sum + extensions.size, 0);
  }

  /** Rumors of one class. */
  sizeOf(rumorClass: number): number {
    return this.#class(rumorClass).size(ALL_KINDS);
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

  fill(packet: RumorPacket, limits: TransmitLimits, wanted: Wanted): number {
    if (this.#size === 0) return 0;
    const room = packet.room();
    for (let c = 0; c < RUMOR_CLASSES; c++) this.#class(c).grant((room * (RUMOR_SHARES[c] ?? 0)) / 100, room, wanted);
    // First long rumors that a class has credit and the packet room for; then each class's share; then the rest.
    for (let c = 0; c < RUMOR_CLASSES; c++) this.#takeSavedFor(this.#class(c), packet, room, wanted);
    for (let c = 0; c < RUMOR_CLASSES; c++) this.#take(this.#class(c), packet, wanted, true);
    for (let c = 0; c < RUMOR_CLASSES; c++) this.#take(this.#class(c), packet, wanted, false);
    return this.#fileTaken(limits);
  }

  transmitted(rumor: Rumor, times: number, limits: TransmitLimits): void {
    if (!rumor.isQueued) return;
    this.#unfile(rumor);
    this.#countTransmits(rumor, times, limits);
  }

  heardAgain(subject: string, copy: Copy, datagram: number, limits: TransmitLimits): void {
    const rumor = this.#bySubject.get(subject);
    if (rumor === undefined || rumor.heardIn === datagram) return;
    if (!sameSlice(rumor.bytes, copy.raw, copy.rawStart, copy.rawEnd)) return;
    rumor.heardIn = datagram;
    if (++rumor.heard >= limitOf(rumor, limits) && rumor.transmits > 0) this.#remove(rumor, "known");
  }

  countOf(subjectPrefix: string): number {
    let count = 0;
    for (const subject of this.#bySubject.keys()) if (subject.startsWith(subjectPrefix)) count++;
    return count;
  }

  forget(upToId: number, upToExtension: number): void {
    for (const rumorClass of [URGENT, APPLICATION, BULK]) {
      const { plain, extensions } = this.#class(rumorClass);
      this.#forgetIn(plain, upToId);
      this.#forgetIn(extensions, upToExtension);
    }
  }

  #forgetIn({ heads }: RumorLists, upToId: number): void {
    for (const head of heads) {
      let rumor = head;
      while (rumor !== null) {
        const older: Rumor | null = rumor.older;
        if (rumor.id <= upToId) this.#remove(rumor, "dropped");
        rumor = older;
      }
    }
  }

  #takeSavedFor(queue: ClassQueue, packet: RumorPacket, room: number, wanted: Wanted): void {
    const next = queue.first(wanted);
    if (next === null || next.bytes.length <= (room * RUMOR_SHARE_MIN) / 100) return;
    if (next.bytes.length <= queue.credit) this.#takeOne(queue, next, packet);
  }

  #take(queue: ClassQueue, packet: RumorPacket, wanted: Wanted, withinCredit: boolean): void {
    const { plain, extensions } = queue;
    let misfits = 0;
    const end = Math.max(wanted.plain ? plain.heads.length : 0, wanted.extensions ? extensions.heads.length : 0);
    const start = Math.min(wanted.plain ? plain.start : end, wanted.extensions ? extensions.start : end);
    for (let transmits = start; transmits < end; transmits++) {
      let nextPlain = wanted.plain ? (plain.heads[transmits] ?? null) : null;
      let nextExtension = wanted.extensions ? (extensions.heads[transmits] ?? null) : null;
      while (nextPlain !== null || nextExtension !== null) {
        const rumor = newerOf(nextPlain, nextExtension);
        // Read before the rumor is removed from its list.
        if (rumor === nextPlain) nextPlain = rumor.older;
        else nextExtension = rumor.older;
        const room = packet.room();
        const allowed = withinCredit ? Math.min(room, queue.credit) : room;
        if (rumor.bytes.length > allowed || !this.#takeOne(queue, rumor, packet)) {
          if (room <= 0 || ++misfits > MISFITS_MAX) return;
        }
      }
    }
  }

  #takeOne(queue: ClassQueue, rumor: Rumor, packet: RumorPacket): boolean {
    const room = packet.room();
    if (!packet.add(rumor.bytes)) return false;
    this.#unfile(rumor);
    // The header of the part counts too; otherwise the last class would pay for all headers.
    queue.credit = Math.max(0, queue.credit - (room - packet.room()));
    this.#taken.push(rumor);
    return true;
  }

  /** Files the taken rumors again, newest last, so that the newest is first in its list. */
  #fileTaken(limits: TransmitLimits): number {
    const count = this.#taken.length;
    for (let i = count - 1; i >= 0; i--) this.#countTransmits(this.#taken[i] as Rumor, 1, limits);
    this.#taken.length = 0;
    return count;
  }

  #countTransmits(rumor: Rumor, times: number, limits: TransmitLimits): void {
    rumor.transmits += times;
    if (rumor.transmits >= limitOf(rumor, limits)) this.#finish(rumor, "spent");
    else this.#file(rumor);
  }

  /** Over capacity: drops the rumor that was sent most from the least urgent class. */
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
    this.#class(rumor.rumorClass).listsOf(rumor).add(rumor);
    rumor.isQueued = true;
    this.#size++;
  }

  #unfile(rumor: Rumor): void {
    this.#class(rumor.rumorClass).listsOf(rumor).remove(rumor);
    rumor.isQueued = false;
    this.#size--;
  }

  #class(rumorClass: number): ClassQueue {
    return this.#classes[rumorClass] as ClassQueue;
  }
}

/** The smallest share: only a rumor longer than this can ever need credit. */
const RUMOR_SHARE_MIN: number = Math.min(...RUMOR_SHARES);
