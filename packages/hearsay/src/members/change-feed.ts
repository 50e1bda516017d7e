import type { Cause, ChangeKind, CoreEvent } from "@hearsay/core";
import type { Clock } from "../base/clock.ts";
import { Feed, type ReadOptions } from "../base/feed.ts";
import type { Member } from "./member.ts";
import { NetResult } from "./net-result.ts";
import type { Roster } from "./roster.ts";

/** The whole list of members: the first item of a feed, and the replacement for changes that a slow reader missed. */
export interface Snapshot {
  readonly type: "snapshot";
  /** Number of changes that this node has seen. A change's version is one more than that of the state before it. */
  readonly version: number;
  readonly members: readonly Member[];
  /** Why the reader gets it: the iteration has started, or the reader fell behind and missed changes. */
  readonly reason: "start" | "overflow";
}

/** One change of one member. */
export interface Change {
  readonly type: ChangeKind;
  readonly version: number;
  readonly member: Member;
  /** The member before the change; null if it was unknown. */
  readonly previous: Member | null;
  /** Who reported the change, and how they knew. */
  readonly cause: Cause;
}

/**
 * The net result of a period: for each changed member one change from `previous`, at the batch's start, to `member`, at
 * its end, with the cause of the last change. The type compares the two: `failed`, `left` or `reaped` by the last
 * state; `joined` if the member was unknown or gone and is present; `updated` if its record changed, or if it was gone
 * in between and is present again; otherwise `suspected`, `recovered` or `leaving`. The status of `member` is right
 * whatever the type. A member that is again as it was is left out, so a batch may be empty.
 */
export interface ChangeBatch {
  readonly type: "batch";
  readonly version: number;
  readonly changes: readonly Change[];
}

/** How to follow the members. */
export interface ChangesOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /**
   * Changes that may wait for the reader, at least 1; beyond that a new snapshot replaces them.
   * @defaultValue `limits.changesMax`
   */
  readonly queueMax?: number;
}

/** What the feed of changes works with. */
export interface ChangeFeedParts {
  readonly clock: Clock;
  /** It may be ahead of the changes that are still being delivered. */
  readonly roster: Roster;
  /** Calls `act` when no change is being delivered: now or later in the turn. */
  readonly settled: (act: () => void) => void;
  /** The default for readers. */
  readonly queueMax: number;
}

/** Passes every membership change to every reader. A reader that falls behind gets a new snapshot: no state is lost. */
export class ChangeFeed {
  readonly #clock: Clock;
  readonly #roster: Roster;
  readonly #feed: Feed<Change, Snapshot>;
  #version = 0;

  constructor({ clock, roster, settled, queueMax }: ChangeFeedParts) {
    this.#clock = clock;
    this.#roster = roster;
    this.#feed = new Feed({
      atBound: "resnapshot",
      queueMax,
      snapshot: (reason) => ({ type: "snapshot", version: this.#version, members: roster.all(), reason }),
      settled,
    });
  }

  get version(): number {
    return this.#version;
  }

  /** Readers that have fallen behind and have not taken their new snapshot yet. */
  get readersBehind(): number {
    return this.#feed.readersBehind;
  }

  /** Counts a change and passes it to the readers, if there are any. */
  handle(event: CoreEvent): void {
    if (event.type !== "member") return;
    const { kind, member, previous, cause } = event;
    const version = ++this.#version;
    if (this.#feed.size === 0) return;
    this.#feed.push({
      type: kind,
      version,
      member: this.#roster.member(member),
      previous: previous === null ? null : this.#roster.member(previous),
      cause: this.#roster.cause(cause),
    });
  }

  /** Ends all readers, after the items that wait for them. */
  close(): void {
    this.#feed.close();
  }

  /** A snapshot, then every change after it. `return` ends a waiting `next`. */
  follow(options: ReadOptions<Change> = {}): AsyncGenerator<Snapshot | Change, void, undefined> {
    return this.#feed.read(options);
  }

  /**
   * A snapshot, then batches: each holds the net result of the changes within `batchMs` of a first one. `return` ends a
   * waiting `next`, which gets the batch that is being gathered, if there is one.
   */
  batches(batchMs: number, options: ReadOptions<Change> = {}): AsyncGenerator<Snapshot | ChangeBatch, void, undefined> {
    const source = this.follow(options);
    return endedBy(() => void source.return(), this.#batches(batchMs, source));
  }

  async *#batches(
    batchMs: number,
    source: AsyncGenerator<Snapshot | Change, void, undefined>,
  ): AsyncGenerator<Snapshot | ChangeBatch, void, undefined> {
    /** The `next` that was called while a batch was gathered, and whose item is not in it. */
    let ahead: Promise<IteratorResult<Snapshot | Change, void>> | null = null;
    let cancelTimer = (): void => {};
    try {
      for (;;) {
        const first = await (ahead ?? source.next());
        ahead = null;
        if (first.done === true) return;
        if (first.value.type === "snapshot") {
          yield first.value;
          continue;
        }
        const net = new NetResult(first.value);
        const over = new Promise<null>((resolve) => {
          cancelTimer = this.#clock.after(batchMs, () => resolve(null));
        });
        for (;;) {
          ahead ??= source.next();
          const next = await Promise.race([ahead, over]);
          if (next === null || next.done === true || next.value.type === "snapshot") break;
          net.add(next.value);
          ahead = null;
        }
        cancelTimer();
        yield { type: "batch", version: net.version, changes: net.changes() };
      }
    } finally {
      cancelTimer();
      await source.return();
    }
  }
}

/** A generator's own `return` and `throw` wait for the pending `next`, which may wait for ever. */
function endedBy<T>(
  end: () => void,
  generator: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  const giveBack = generator.return.bind(generator);
  const raise = generator.throw.bind(generator);
  return Object.assign(generator, {
    return(value: void | PromiseLike<void>) {
      end();
      return giveBack(value);
    },
    throw(error: unknown) {
      end();
      return raise(error);
    },
  });
}
