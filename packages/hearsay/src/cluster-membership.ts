import type { Cause, MemberStatus } from "@hearsay/core";
import { SERF_DEFAULTS } from "@hearsay/core/serf";
import type { Duration } from "./base/durations.ts";
import { configError, type OptionFault } from "./base/errors.ts";
import type { ClosedReason, ClusterStatus } from "./base/lifecycle.ts";
import { checkSignal } from "./base/signals.ts";
import { TARGET_FORM } from "./discovery/targets.ts";
import { readCallOptions } from "./forms/call-options.ts";
import { form } from "./forms/form.ts";
import { abortSignal, atLeast, choice, flag, oneOrMore, timer } from "./forms/plain-forms.ts";
import { option, optional, type Rows } from "./forms/rows.ts";
import type { Change, ChangeBatch, ChangesOptions, Snapshot } from "./members/change-feed.ts";
import type { Member } from "./members/member.ts";
import { Presence } from "./members/presence.ts";
import type { ClusterRuntime } from "./runtime/cluster-runtime.ts";
import { type JoinReport, KEPT_TARGETS_MAX } from "./runtime/seed-keeper.ts";
import { type Self, selfOf } from "./runtime/self.ts";

/** What to wait for. */
export interface ReadyOptions {
  /** Members that must be present, this node included. @defaultValue 1 */
  readonly members?: number;
  readonly signal?: AbortSignal;
}

const READY_OPTIONS = { members: option(atLeast(1), 1), signal: optional(abortSignal) } satisfies Rows<ReadyOptions>;

/** How to say goodbye. */
export interface LeaveOptions {
  /**
   * Longest time to spend on telling the others: milliseconds or text such as "5s". Telling ends by itself after
   * `serf.broadcastTimeout` and `serf.leavePropagateDelay`; in the flavour `memberlist` it has nothing but this.
   * @defaultValue both of those together, which is 6000, in the flavour `memberlist` too
   */
  readonly timeout?: Duration;
  /** Ends the telling early, and the time of handlers that are at work; the node closes in any case. */
  readonly signal?: AbortSignal;
}

const LEAVE_OPTIONS = { timeout: optional(timer()), signal: optional(abortSignal) } satisfies Rows<LeaveOptions>;

/** Which members to list. */
export interface MembersFilter {
  /** @defaultValue alive, suspect and leaving: everybody who is not known to be gone */
  readonly status?: MemberStatus | readonly MemberStatus[];
}

/** The statuses of those who are not known to be gone. */
const PRESENT: readonly MemberStatus[] = ["alive", "suspect", "leaving"];

const STATUSES = choice(["alive", "suspect", "leaving", "failed", "left"]);

const MEMBERS_OPTIONS = {
  status: optional(oneOrMore(STATUSES, { type: "one or more", bounds: STATUSES.bounds })),
} satisfies Rows<MembersFilter>;

/** How to join by further targets. */
export interface JoinOptions {
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
  /**
   * Whether to hear the user events from before the join, as far as members remember them; not in the flavour `memberlist`.
   * @defaultValue false
   */
  readonly replay?: boolean;
  /**
   * Whether to keep the targets, once somebody was reached by them, as those of the option `join` are kept: looked up and
   * tried again and again, so that a pool that was split finds together. At most 256 more than the option has.
   * @defaultValue false
   */
  readonly keep?: boolean;
}

/** What they lead to shows when they are used. */
const TARGETS = oneOrMore(
  form({ type: "text", bounds: TARGET_FORM }, TARGET_FORM, (given) => (typeof given === "string" ? given : undefined)),
  { type: "targets", bounds: TARGET_FORM },
);

const JOIN_OPTIONS = {
  signal: optional(abortSignal),
  replay: option(flag, false),
  keep: option(flag, false),
} satisfies Rows<JoinOptions>;

/** How to follow the members in batches. */
type BatchOptions = ChangesOptions & { readonly batch?: Duration };

const CHANGES_OPTIONS = {
  batch: optional(timer()),
  queueMax: optional(atLeast(1)),
  signal: optional(abortSignal),
} satisfies Rows<BatchOptions>;

/**
 * What a cluster tells of its members, and how a node comes and goes: the part of `Cluster` that is the same for every kind
 * of pool.
 */
export class ClusterMembership {
  /** Settles when the cluster has ended, and never rejects. */
  readonly closed: Promise<ClosedReason>;
  /**
   * Settles when the others have been told that this node leaves, or it ends without that; never rejects. Handlers may
   * still be at work then: one that asks for the leave itself waits for this, and not for `leave`, which waits for it.
   */
  readonly left: Promise<void>;
  /** This node: who it is, and how well it does. */
  readonly self: Self;
  readonly #runtime: ClusterRuntime;
  readonly #presence: Presence;

  /** Internal. */
  protected constructor(runtime: ClusterRuntime) {
    this.#runtime = runtime;
    this.self = selfOf(runtime);
    const { node, lifecycle } = runtime;
    this.#presence = runtime.attach(
      new Presence({
        roster: node.roster,
        betweenEvents: (act) => node.driver.betweenEvents(act),
        guard: runtime.guard("members", "memberHandlersFailed"),
      }),
    );
    lifecycle.whenOver(() => this.#presence.close());
    this.closed = lifecycle.closed;
    this.left = runtime.ending.left;
  }

  /** What this cluster is doing now. */
  get status(): ClusterStatus {
    return this.#runtime.lifecycle.status;
  }

  /** The option `clusterName`; null if the cluster has no name. */
  get clusterName(): string | null {
    return this.#runtime.settings.clusterName;
  }

  /** Everybody who is not known to be gone, this node included, in order of their names; or those of some statuses. */
  members(filter?: MembersFilter): Member[] {
    const { status } = readCallOptions("members", MEMBERS_OPTIONS, filter);
    const wanted = status ?? PRESENT;
    return this.#runtime.node.roster.all().filter((member) => wanted.includes(member.status));
  }

  /** One member by its name, whatever its status; undefined if it is not known, or not any more. */
  member(name: string): Member | undefined {
    return this.#runtime.node.roster.get(name);
  }

  /**
   * Calls `handler` with each member that is present, this node included, and then with each that comes or comes back, within
   * the turn that tells of it. Returns a function that ends it. Any number of handlers may be there; each gets all.
   */
  onJoin(handler: (member: Member) => unknown): () => void {
    return this.#presence.onJoin(handler);
  }

  /**
   * Calls `handler` with each member that goes: its status is `left` or `failed`. Of two handlers that are added in one turn,
   * the members that `onJoin` told of, less those that this one did, are those that are present.
   */
  onLeave(handler: (member: Member) => unknown): () => void {
    return this.#presence.onLeave(handler);
  }

  /** A snapshot of the members, then each change. A reader that falls behind gets a new snapshot, so no state is lost. */
  changes(options?: ChangesOptions): AsyncGenerator<Snapshot | Change, void, undefined>;
  /**
   * A snapshot, then batches: what happened within `batch`, milliseconds or text such as "500ms", of a first change,
   * reduced to its net result.
   */
  changes(
    options: ChangesOptions & { readonly batch: Duration },
  ): AsyncGenerator<Snapshot | ChangeBatch, void, undefined>;
  changes(options?: BatchOptions): AsyncGenerator<Snapshot | Change | ChangeBatch, void, undefined> {
    const { feed } = this.#runtime;
    const { batch: batchMs, ...reading } = readCallOptions("changes", CHANGES_OPTIONS, options);
    return batchMs === null ? feed.follow(reading) : feed.batches(batchMs, reading);
  }

  /**
   * Resolves once this node has joined, if there is anybody to join, and sees `members` members. Those to join by are the
   * targets of the option `join`, and the members that a snapshot tells of, for `reconnectTimeout`. It waits for as long
   * as it takes; bring a signal to give up. Rejects when the cluster ends first: with the reason if it failed, or else
   * with `ERR_CLOSED`.
   */
  async ready(options?: ReadyOptions): Promise<void> {
    const { members, signal } = readCallOptions("ready", READY_OPTIONS, options);
    const runtime = this.#runtime;
    const isReady = (): boolean => runtime.isReady && runtime.node.roster.presentCount >= members;
    await runtime.lifecycle.until(isReady, "waiting for the cluster", signal);
  }

  /**
   * Joins by further targets, `[name/]host[:port]` each, besides those of the options. An abort, and a leave, end what is
   * under way; only a peer that has read this node's state already may still bring it in.
   *
   * @throws HearsayError `ERR_JOIN_SILENT` (label, key or transport mismatch?), `ERR_JOIN_FAILED` with each target's reason,
   * `ERR_ABORTED`, `ERR_CONFIG`, `ERR_CLOSED`, `ERR_LEAVING`
   */
  async join(targets: string | readonly string[], options?: JoinOptions): Promise<JoinReport> {
    const { lifecycle, seeds } = this.#runtime;
    lifecycle.assertRunning();
    const faults: OptionFault[] = [];
    const wanted = TARGETS.read(targets, "targets", faults) ?? [];
    const { signal, replay, keep } = readCallOptions("join", JOIN_OPTIONS, options, faults);
    if (keep && !seeds.mayKeep(wanted)) {
      throw configError([{ key: "targets", value: wanted, allowed: `at most ${KEPT_TARGETS_MAX} to keep` }], "join");
    }
    const report = await seeds.join(wanted, signal, replay);
    checkSignal(signal, "joining");
    lifecycle.assertRunning();
    const error = this.#runtime.joinError(report);
    if (error !== null) throw error;
    if (keep) seeds.keep(wanted);
    return report;
  }

  /**
   * Says goodbye, so that the others take it for left and not for failed, and closes. New requests and queries are refused
   * from the start; asynchronous handlers that are at work may finish, for `handlerTimeout`, and what they answer still
   * goes out. Idempotent: each call resolves once the cluster has ended, and the first time limit or signal of them all
   * ends the telling.
   *
   * @throws HearsayError `ERR_CONFIG`, and then nothing has happened
   */
  async leave(options?: LeaveOptions): Promise<void> {
    const { settings, ending } = this.#runtime;
    const { broadcastTimeoutMs, leavePropagateDelayMs } = { ...SERF_DEFAULTS, ...settings.serf?.config };
    const { timeout: timeoutMs, signal } = readCallOptions("leave", LEAVE_OPTIONS, options);
    await ending.leave(timeoutMs ?? broadcastTimeoutMs + leavePropagateDelayMs, signal);
  }

  /**
   * Closes without a word, and without waiting for handlers: the others will find this node to have failed. Idempotent.
   */
  close(): Promise<void> {
    return this.#runtime.ending.end(null);
  }

  /** `await using` leaves. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  /** Leaves when the process gets one of these signals. Nothing listens for signals unless it is asked to. */
  leaveOn(...signals: NodeJS.Signals[]): void {
    const onSignal = (): void => void this.leave();
    for (const signal of signals) process.once(signal, onSignal);
    void this.closed.then(() => {
      for (const signal of signals) process.removeListener(signal, onSignal);
    });
  }

  /** Why a member is what it is: who accused it, by which path, who confirmed, who refuted, when. Oldest first. */
  explain(name: string): readonly Cause[] {
    return this.#runtime.node.roster.explain(name);
  }
}
