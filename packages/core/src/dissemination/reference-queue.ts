import {
  limitOf,
  type Rumor,
  type RumorPacket,
  type RumorQueue,
  type RumorWatcher,
  type TransmitLimits,
  type Wanted,
} from "./rumor.ts";

/**
 * memberlist's transmit-limited queue in its order (docs/protocol/memberlist.md, section 16): fewest transmissions
 * first, then the longest that fits, then the newest. It exists for the test vectors and for comparisons; nodes use
 * the store with guaranteed shares. Insertion is O(queue), which doesn't matter here.
 */
export class ReferenceQueue implements RumorQueue {
  readonly #watcher: RumorWatcher;
  readonly #capacity: number;
  /** Rumors in the order in which packets take them. */
  #rumors: Rumor[] = [];

  constructor(capacity: number, watcher: RumorWatcher) {
    this.#capacity = capacity;
    this.#watcher = watcher;
  }

  get size(): number {
    return this.#rumors.length;
  }

  get extensions(): number {
    return this.#rumors.filter(({ isExtension }) => isExtension).length;
  }

  put(rumor: Rumor): void {
    if (rumor.subject !== "") this.#remove((queued) => queued.subject === rumor.subject, "superseded");
    this.#file(rumor);
    this.prune(this.#capacity);
  }

  /** Drops the last rumors in order until `retain` are left. */
  prune(retain: number): void {
    while (this.#rumors.length > retain) {
      const rumor = this.#rumors.pop() as Rumor;
      rumor.isQueued = false;
      this.#watcher.finished(rumor, "dropped");
    }
  }

  countOf(subjectPrefix: string): number {
    return this.#rumors.filter(({ subject }) => subject.startsWith(subjectPrefix)).length;
  }

  fill(packet: RumorPacket, limits: TransmitLimits, wanted: Wanted): number {
    const taken: Rumor[] = [];
    let lastRoom = packet.room();
    for (let i = 0; i < this.#rumors.length && lastRoom > 0; ) {
      const rumor = this.#rumors[i] as Rumor;
      const isFor = rumor.isExtension ? wanted.extensions : wanted.plain;
      if (isFor && rumor.bytes.length <= lastRoom && packet.add(rumor.bytes)) {
        this.#rumors.splice(i, 1);
        rumor.isQueued = false;
        taken.push(rumor);
        lastRoom = packet.room();
      } else {
        i++;
      }
    }
    for (const rumor of taken) this.#count(rumor, 1, limits);
    return taken.length;
  }

  transmitted(rumor: Rumor, times: number, limits: TransmitLimits): void {
    const at = this.#rumors.indexOf(rumor);
    if (at < 0) return;
    this.#rumors.splice(at, 1);
    rumor.isQueued = false;
    this.#count(rumor, times, limits);
  }

  /** The reference ignores copies. */
  heardAgain(): void {}

  /** The reference forgets nothing. */
  forget(): void {}

  #count(rumor: Rumor, times: number, limits: TransmitLimits): void {
    rumor.transmits += times;
    if (rumor.transmits >= limitOf(rumor, limits)) this.#watcher.finished(rumor, "spent");
    else this.#file(rumor);
  }

  #file(rumor: Rumor): void {
    let at = this.#rumors.findIndex((queued) => comesBefore(rumor, queued));
    if (at < 0) at = this.#rumors.length;
    this.#rumors.splice(at, 0, rumor);
    rumor.isQueued = true;
  }

  #remove(isGone: (rumor: Rumor) => boolean, reason: "superseded"): void {
    const gone = this.#rumors.filter(isGone);
    this.#rumors = this.#rumors.filter((rumor) => !isGone(rumor));
    for (const rumor of gone) {
      rumor.isQueued = false;
      this.#watcher.finished(rumor, reason);
    }
  }
}

function comesBefore(a: Rumor, b: Rumor): boolean {
  if (a.transmits !== b.transmits) return a.transmits < b.transmits;
  if (a.bytes.length !== b.bytes.length) return a.bytes.length > b.bytes.length;
  return a.id > b.id;
}
