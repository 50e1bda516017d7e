import type { CoreEvent, MemberChange } from "@hearsay/core";
import type { LTime, Serf, SnapshotContents, SnapshotReplay } from "@hearsay/core/serf";
import type { Clock } from "../base/clock.ts";
import { SnapshotFile } from "./snapshot-file.ts";

/** How often the clock of intents is written. It advances without an event for the application. */
const CLOCK_MS = 500;

/** What was read before the node started. */
export interface FoundSnapshot {
  readonly path: string;
  readonly rejoinAfterLeave: boolean;
  readonly replay: SnapshotReplay;
}

/** What keeping a snapshot works with. */
export interface SnapshotKeeperParts {
  readonly serf: Serf;
  readonly clock: Clock;
  readonly warn: (text: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Reads the snapshot of an earlier run, if there is one. @throws HearsayError `ERR_SNAPSHOT` */
export async function findSnapshot(wanted: {
  readonly path: string;
  readonly rejoinAfterLeave: boolean;
}): Promise<FoundSnapshot> {
  const { rejoinAfterLeave } = wanted;
  return { ...(await SnapshotFile.read(wanted.path, rejoinAfterLeave)), rejoinAfterLeave };
}

/** Records the live members and the clocks for a restart (docs/protocol/serf.md, section 15). */
export class SnapshotKeeper {
  readonly #parts: SnapshotKeeperParts;
  readonly #rejoinAfterLeave: boolean;
  readonly #alive: Map<string, string>;
  #memberTime: LTime;
  #eventTime: LTime;
  #queryTime: LTime;
  #file: SnapshotFile | null = null;
  #hasLeft = false;
  #cancelTimer: () => void = () => {};

  private constructor({ replay, rejoinAfterLeave }: FoundSnapshot, parts: SnapshotKeeperParts) {
    this.#parts = parts;
    this.#rejoinAfterLeave = rejoinAfterLeave;
    this.#alive = new Map(replay.aliveNodes);
    this.#memberTime = replay.clock;
    this.#eventTime = replay.eventClock;
    this.#queryTime = replay.queryClock;
  }

  /** Continues a snapshot that was found, or creates one. @throws HearsayError `ERR_SNAPSHOT` */
  static async open(found: FoundSnapshot, parts: SnapshotKeeperParts): Promise<SnapshotKeeper> {
    const keeper = new SnapshotKeeper(found, parts);
    const { clock, warn } = parts;
    const contents = (): SnapshotContents => keeper.#contents();
    keeper.#file = await SnapshotFile.open(found.path, found.replay.wholeBytes, { clock, warn, contents });
    const { unreadableLines } = found.replay;
    if (unreadableLines > 0) warn("the snapshot has lines that can't be read", { path: found.path, unreadableLines });
    keeper.#tick();
    return keeper;
  }

  /** Records members and clocks. */
  handle(event: CoreEvent): void {
    if (event.type === "member") return this.#changed(event);
    const heard = this.#parts.serf.eventOf(event);
    if (heard?.type === "user-event") this.#heardEvent(heard.lTime);
    else if (heard?.type === "query") this.#heardQuery(heard.lTime);
  }

  /** These members of an earlier run are no longer looked for. */
  forget(names: readonly string[]): void {
    for (const name of names) {
      if (!this.#hasLeft && this.#alive.delete(name)) this.#file?.add({ kind: "not-alive", name });
    }
  }

  /** This node begins to leave: changes of members are no longer recorded. Settles when the leave is on disk. */
  async leave(): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#file?.add({ kind: "leave" });
    if (!this.#rejoinAfterLeave) this.#alive.clear();
    await this.#file?.sync();
  }

  /** Settles when everything is on disk, or can't be written. */
  async close(): Promise<void> {
    this.#cancelTimer();
    this.#noteMemberTime();
    await this.#file?.close();
  }

  #changed({ kind, member }: MemberChange): void {
    if (this.#hasLeft) return;
    const { name, address } = member;
    if (kind === "joined") {
      this.#alive.set(name, address.key);
      this.#file?.add({ kind: "alive", name, address: address.key });
    } else if (kind === "left" || kind === "failed") {
      this.#alive.delete(name);
      this.#file?.add({ kind: "not-alive", name });
    } else {
      return;
    }
    this.#noteMemberTime();
  }

  #heardEvent(lTime: LTime): void {
    if (lTime <= this.#eventTime) return;
    this.#eventTime = lTime;
    this.#file?.add({ kind: "event-clock", lTime });
  }

  #heardQuery(lTime: LTime): void {
    if (lTime <= this.#queryTime) return;
    this.#queryTime = lTime;
    this.#file?.add({ kind: "query-clock", lTime });
  }

  /** The last time seen is one less than the time of this node's next message. */
  #noteMemberTime(): void {
    const seen = this.#parts.serf.clocks.clock - 1;
    if (seen <= this.#memberTime) return;
    this.#memberTime = seen;
    this.#file?.add({ kind: "clock", lTime: seen });
  }

  #tick(): void {
    this.#cancelTimer = this.#parts.clock.after(CLOCK_MS, () => {
      this.#noteMemberTime();
      this.#tick();
    });
  }

  #contents(): SnapshotContents {
    return {
      aliveNodes: this.#alive,
      clock: this.#memberTime,
      eventClock: this.#eventTime,
      queryClock: this.#queryTime,
    };
  }
}
