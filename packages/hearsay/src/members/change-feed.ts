import type { Cause, ChangeKind, MemberChange, MemberView } from "@hearsay/core";
import type { Clock } from "../base/clock.ts";
import { Feed, type ReadOptions } from "../base/feed.ts";
import type { Member } from "./member.ts";
import { NetResult } from "./net-result.ts";

/** The whole list of members: the first item of a feed, and what replaces changes that a slow reader missed. */
export interface Snapshot {
  readonly type: "snapshot";
  /** Counts the changes that this node has seen; a change's version is one more than that of the state it changed. */
  readonly version: number;
  readonly members: readonly Member[];
  /** Why the reader gets it: the feed starts, or the reader fell behind and missed changes. */
  readonly reason: "start" | "overflow";
}

/** One change of one member. */
export interface Change {
  readonly type: ChangeKind;
  readonly version: number;
  readonly member: Member;
  /** The member as it was; null if it was unknown. */
  readonly previous: Member | null;
  /** Who said so, and how they knew. */
  readonly cause: Cause;
}

/**
 * The net result of some time: of each member that changed, one change from `previous`, as of the batch's start, to `member`,
 * as of its end, with the cause of its last. Its type says what lies between the two: `joined` if it was unknown or gone and
 * is there, `updated` if it tells otherwise of itself or was gone in between and is there again, and only else `suspected`,
 * `recovered` or `leaving`; the status of `member` is right whatever the type. A member that is again what it was is not in it,
 * so that a batch may be empty.
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
   * Changes that may wait for the reader, from 1; beyond it a new snapshot replaces them.
   * @defaultValue `limits.changesMax`
   */
  readonly queueMax?: number;
}

/** Makes the public forms of what the core reports. */
export interface PublicForms {
  member(view: MemberView): Member;
  cause(cause: Cause): Cause;
}

/** Hands every change of membership to every reader, and never loses state: a reader that falls behind starts anew. */
export class ChangeFeed {
  readonly #clock: Clock;
  readonly #feed: Feed<Change, Snapshot>;
  #version = 0;

  /** `members` gives the list as it stands; `queueMax` is the default for readers. */
  constructor(clock: Clock, members: () => readonly Member[], queueMax: number) {
    this.#clock = clock;
    this.#feed = new Feed({
      atBound: "resnapshot",
      queueMax,
      snapshot: (reason) => ({ type: "snapshot", version: this.#version, members: members(), reason }),
    });
  }

  get version(): number {
    return this.#version;
  }

  /** Readers that have fallen behind and not yet taken their new snapshot. */
  get readersBehind(): number {
    return this.#feed.readersBehind;
  }

  /** Counts a change and hands it to the readers, if there are any. */
  publish({ kind, member, previous, cause }: MemberChange, forms: PublicForms): void {
    const version = ++this.#version;
    if (this.#feed.size === 0) return;
    this.#feed.push({
      type: kind,
      version,
      member: forms.member(member),
      previous: previous === null ? null : forms.member(previous),
      cause: forms.cause(cause),
    });
  }

  /** Ends all readers once they have taken what waits for them. */
  close(): void {
    this.#feed.close();
  }

  /** A snapshot, then every change after it. Leaving ends a `next` that still waits. */
  follow(options: ReadOptions<Change> = {}): AsyncGenerator<Snapshot | Change, void, undefined> {
    return this.#feed.read(options);
  }

  /**
   * A snapshot, then batches: each holds what came in `batchMs` after a first change, reduced to its net result.
   * Leaving ends a `next` that still waits; it gets the batch that is being gathered, if there is one.
   */
  batches(batchMs: number, options: ReadOptions<Change> = {}): AsyncGenerator<Snapshot | ChangeBatch, void, undefined> {
    const source = this.follow(options);
    return endedBy(() => void source.return(), this.#batches(batchMs, source));
  }

  async *#batches(
    batchMs: number,
    source: AsyncGenerator<Snapshot | Change, void, undefined>,
  ): AsyncGenerator<Snapshot | ChangeBatch, void, undefined> {
    /** What was asked for while a batch was gathered, and is not in it. */
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

/** By themselves `return` and `throw` of a generator wait for the `next` under way, which may wait for ever. */
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
