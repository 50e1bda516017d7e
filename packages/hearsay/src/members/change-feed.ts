import type { Cause, ChangeKind, MemberChange, MemberView } from "@hearsay/core";
import type { Clock } from "../base/clock.ts";
import { checkedDuration, type Duration } from "../base/durations.ts";
import { checkedQueueMax } from "../base/queue-max.ts";
import { onceAborted } from "../base/signals.ts";
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

interface Reader {
  readonly queueMax: number;
  queue: (Snapshot | Change)[];
  hasOverflowed: boolean;
  /** The iteration is to end, whatever is in the queue. */
  hasLeft: boolean;
  wake: (() => void) | null;
}

/** Makes the public forms of what the core reports. */
export interface PublicForms {
  member(view: MemberView): Member;
  cause(cause: Cause): Cause;
}

/** Hands every change of membership to every reader, and never loses state: a reader that falls behind starts anew. */
export class ChangeFeed {
  readonly #clock: Clock;
  readonly #members: () => readonly Member[];
  readonly #readers = new Set<Reader>();
  readonly #queueMax: number;
  #version = 0;
  #isClosed = false;

  /** `members` gives the list as it stands; `queueMax` is the default for readers. */
  constructor(clock: Clock, members: () => readonly Member[], queueMax: number) {
    this.#clock = clock;
    this.#members = members;
    this.#queueMax = queueMax;
  }

  get version(): number {
    return this.#version;
  }

  /** Readers that have fallen behind and not yet taken their new snapshot. */
  get readersBehind(): number {
    let count = 0;
    for (const reader of this.#readers) if (reader.hasOverflowed) count++;
    return count;
  }

  /** Counts a change and hands it to the readers, if there are any. */
  publish({ kind, member, previous, cause }: MemberChange, forms: PublicForms): void {
    const version = ++this.#version;
    if (this.#readers.size === 0) return;
    const before = previous === null ? null : forms.member(previous);
    const change: Change = {
      type: kind,
      version,
      member: forms.member(member),
      previous: before,
      cause: forms.cause(cause),
    };
    for (const reader of this.#readers) {
      if (reader.queue.length >= reader.queueMax) {
        reader.queue = [];
        reader.hasOverflowed = true;
      }
      if (!reader.hasOverflowed) reader.queue.push(change);
      reader.wake?.();
    }
  }

  /** Ends all readers once they have taken what waits for them. */
  close(): void {
    this.#isClosed = true;
    for (const reader of this.#readers) reader.wake?.();
  }

  /**
   * A snapshot, then every change after it. Leaving ends a `next` that still waits.
   *
   * @throws HearsayError `ERR_CONFIG`
   */
  follow(options: ChangesOptions = {}): AsyncGenerator<Snapshot | Change, void, undefined> {
    const reader: Reader = {
      queueMax: checkedQueueMax(options.queueMax ?? this.#queueMax),
      queue: [],
      hasOverflowed: false,
      hasLeft: false,
      wake: null,
    };
    const leave = (): void => {
      reader.hasLeft = true;
      reader.wake?.();
    };
    return endedBy(leave, this.#follow(reader, leave, options.signal));
  }

  /**
   * A snapshot, then batches: each holds what came in `batchMs` after a first change, reduced to its net result.
   * Leaving ends a `next` that still waits; it gets the batch that is being gathered, if there is one.
   *
   * @throws HearsayError `ERR_CONFIG`
   */
  batches(batchMs: Duration, options: ChangesOptions = {}): AsyncGenerator<Snapshot | ChangeBatch, void, undefined> {
    const ms = checkedDuration("batchMs", batchMs);
    const source = this.follow(options);
    return endedBy(() => void source.return(), this.#batches(ms, source));
  }

  async *#follow(
    reader: Reader,
    leave: () => void,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Snapshot | Change, void, undefined> {
    if (signal?.aborted === true) return;
    const stopListening = onceAborted(signal, leave);
    reader.queue.push(this.#snapshot("start"));
    this.#readers.add(reader);
    try {
      while (!reader.hasLeft) {
        const item = this.#next(reader);
        if (item !== undefined) yield item;
        else if (this.#isClosed) return;
        else await new Promise<void>((resolve) => (reader.wake = resolve));
        reader.wake = null;
      }
    } finally {
      this.#readers.delete(reader);
      stopListening();
    }
  }

  async *#batches(
    batchMs: number,
    source: AsyncGenerator<Snapshot | Change, void, undefined>,
  ): AsyncGenerator<Snapshot | ChangeBatch, void, undefined> {
    let pending: Promise<IteratorResult<Snapshot | Change, void>> | null = null;
    let cancelTimer = (): void => {};
    try {
      for (;;) {
        const first = await (pending ?? source.next());
        pending = null;
        if (first.done === true) return;
        if (first.value.type === "snapshot") {
          yield first.value;
          continue;
        }
        const net = new NetResult(first.value);
        const over = new Promise<null>((resolve) => {
          cancelTimer = this.#clock.after(batchMs, () => resolve(null));
        });
        let snapshot: Snapshot | null = null;
        for (;;) {
          pending ??= source.next();
          const next = await Promise.race([pending, over]);
          if (next === null) break;
          pending = null;
          if (next.done === true) {
            pending = Promise.resolve(next);
            break;
          }
          if (next.value.type === "snapshot") {
            snapshot = next.value;
            break;
          }
          net.add(next.value);
        }
        cancelTimer();
        yield { type: "batch", version: net.version, changes: net.changes() };
        if (snapshot !== null) yield snapshot;
      }
    } finally {
      cancelTimer();
      // The source may still wait for a change, which this ends.
      await source.return();
      await pending?.catch(() => {});
    }
  }

  #next(reader: Reader): Snapshot | Change | undefined {
    if (!reader.hasOverflowed) return reader.queue.shift();
    reader.hasOverflowed = false;
    return this.#snapshot("overflow");
  }

  #snapshot(reason: Snapshot["reason"]): Snapshot {
    return { type: "snapshot", version: this.#version, members: this.#members(), reason };
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
