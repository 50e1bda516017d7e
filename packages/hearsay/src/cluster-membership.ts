import { constants } from "node:os";
import type { Cause, MemberStatus } from "@hearsay/core";
import { SERF_DEFAULTS } from "@hearsay/core/serf";
import type { Duration } from "./base/durations.ts";
import { configError, type OptionFault } from "./base/errors.ts";
import type { ClosedReason, ClusterStatus } from "./base/lifecycle.ts";
import { checkSignal } from "./base/signals.ts";
import { TARGET_FORM } from "./discovery/targets.ts";
import { checkHandler, checkText } from "./forms/arguments.ts";
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

/** How to leave. */
export interface LeaveOptions {
  /**
   * Time limit for telling the others: milliseconds or text such as "5s". In pools that speak Serf, telling also ends
   * after `serf.broadcastTimeout` and `serf.leavePropagateDelay`; in the flavour `memberlist` this is the only limit.
   * @defaultValue the sum of both, 6000 unless configured, also in the flavour `memberlist`
   */
  readonly timeout?: Duration;
  /** Ends the telling and the wait for running handlers early; the node closes in any case. */
  readonly signal?: AbortSignal;
}

const LEAVE_OPTIONS = { timeout: optional(timer()), signal: optional(abortSignal) } satisfies Rows<LeaveOptions>;

/** Which members to list. */
export interface MembersFilter {
  /** @defaultValue alive, suspect and leaving: the members that have neither failed nor left */
  readonly status?: MemberStatus | readonly MemberStatus[];
}

/** The statuses of members that have neither failed nor left. */
const PRESENT: readonly MemberStatus[] = ["alive", "suspect", "leaving"];

const STATUSES = choice(["alive", "suspect", "leaving", "failed", "left"]);

const MEMBERS_OPTIONS = {
  status: optional(oneOrMore(STATUSES, { type: "one or more", bounds: STATUSES.bounds })),
} satisfies Rows<MembersFilter>;

/** How to join further targets. */
export interface JoinOptions {
  /** Cancels the join. */
  readonly signal?: AbortSignal;
  /**
   * Whether to receive user events from before the join, as far as members still remember them. Has no effect in the
   * flavour `memberlist`.
   * @defaultValue false
   */
  readonly replay?: boolean;
  /**
   * Whether to keep the targets after a successful join, like those of the option `join`: they are looked up and tried
   * again and again, so that a split pool can heal. At most 256 in addition to the option's.
   * @defaultValue false
   */
  readonly keep?: boolean;
}

/** Only checks that they are texts: `join` reports what is wrong with a target. */
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

/** Members, joining and leaving: the part of `Cluster` that is the same for every kind of pool. */
export class ClusterMembership {
  /** Settles when the cluster has ended, and never rejects. */
  readonly closed: Promise<ClosedReason>;
  /**
   * Settles when the others have been told that this node leaves, or when it ends without telling them; never rejects.
   * Handlers may still be running then. A handler that calls `leave` must wait for `left` instead of `leave`, since
   * `leave` waits for running handlers.
   */
  readonly left: Promise<void>;
  /** This node: its identity and its condition. */
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
        betweenEvents: (act) => node.driver.settled(() => void node.driver.run(act)),
        isEnding: () => lifecycle.isEnding,
        guard: runtime.guard("members", "memberHandlersFailed"),
      }),
    );
    lifecycle.whenOver(() => this.#presence.close());
    this.closed = lifecycle.closed;
    this.left = runtime.ending.left;
  }

  /** The current status of the cluster. */
  get status(): ClusterStatus {
    return this.#runtime.lifecycle.status;
  }

  /** The option `clusterName`; null if the cluster has no name. */
  get clusterName(): string | null {
    return this.#runtime.settings.clusterName;
  }

  /**
   * The members that have neither failed nor left, or those with the given statuses, ordered by name. Includes this
   * node. @throws HearsayError `ERR_CONFIG`
   */
  members(filter?: MembersFilter): Member[] {
    const { status } = readCallOptions("members", MEMBERS_OPTIONS, filter);
    const wanted = status ?? PRESENT;
    return this.#runtime.node.roster.all().filter((member) => wanted.includes(member.status));
  }

  /** One member by its name, whatever its status; undefined if it is unknown or forgotten. */
  member(name: string): Member | undefined {
    checkText(name, "name", "member");
    return this.#runtime.node.roster.get(name);
  }

  /**
   * Calls `handler` with each member that is present, this node included, right after the current turn's code, and then
   * with each that comes or comes back, in the turn that tells of it. Any number of handlers may be there; each gets all.
   * Returns a function that removes this one.
   *
   * @throws HearsayError `ERR_CONFIG`, `ERR_CLOSED`
   */
  onJoin(handler: (member: Member) => unknown): () => void {
    this.#checkHandler(handler, "onJoin");
    return this.#presence.onJoin(handler);
  }

  /**
   * Calls `handler` with each member that goes: its status is `left` or `failed`. Of two handlers that are added in one
   * turn, the members that `onJoin`'s was called with, less those that this one was, are the present ones: `members()`.
   * Returns a function that removes it.
   *
   * @throws HearsayError `ERR_CONFIG`, `ERR_CLOSED`
   */
  onLeave(handler: (member: Member) => unknown): () => void {
    this.#checkHandler(handler, "onLeave");
    return this.#presence.onLeave(handler);
  }

  /**
   * Yields a snapshot of the members, then each change. A reader that falls behind gets a new snapshot: no state is
   * lost. @throws HearsayError `ERR_CONFIG`
   */
  changes(options?: ChangesOptions): AsyncGenerator<Snapshot | Change, void, undefined>;
  /**
   * Yields a snapshot, then batches. A batch begins with a first change, lasts for `batch` (milliseconds or text such
   * as "500ms", from 0), and holds the net result. @throws HearsayError `ERR_CONFIG`
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
   * Resolves once this node has joined, if there is a node to join, and sees at least `members` members. The nodes to
   * join are the targets of the option `join` and, for `serf.reconnectTimeout`, the members listed in the snapshot.
   * There is no time limit: pass a signal to give up. Rejects if the cluster ends first: with the cause if it failed,
   * else with `ERR_CLOSED`.
   *
   * @throws HearsayError `ERR_CONFIG`, `ERR_ABORTED`, `ERR_CLOSED`, or why the cluster failed
   */
  async ready(options?: ReadyOptions): Promise<void> {
    const { members, signal } = readCallOptions("ready", READY_OPTIONS, options);
    const runtime = this.#runtime;
    const isReady = (): boolean => runtime.isReady && runtime.node.roster.presentCount >= members;
    await runtime.lifecycle.until(isReady, "waiting for the cluster", signal);
  }

  /**
   * Joins further targets, `[name/]host[:port]` each, in addition to those of the options. An abort or a leave cancels
   * the join; a peer that has already read this node's state may still spread it.
   *
   * @throws HearsayError `ERR_JOIN_SILENT` (label, key or transport mismatch?), `ERR_JOIN_FAILED` with each target's
   * reason, `ERR_ABORTED`, `ERR_CONFIG`, `ERR_CLOSED`, `ERR_LEAVING`
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
   * Leaves the cluster and closes: the others mark this node as left, not as failed. New requests and queries are
   * refused at once; running asynchronous handlers have `handlerTimeout` to finish, and their answers are still sent.
   * Idempotent: each call resolves once the cluster has ended, and the earliest time limit or signal of all calls ends
   * the telling.
   *
   * @throws HearsayError `ERR_CONFIG`; the node then doesn't leave
   */
  async leave(options?: LeaveOptions): Promise<void> {
    const { settings, ending } = this.#runtime;
    const { broadcastTimeoutMs, leavePropagateDelayMs } = { ...SERF_DEFAULTS, ...settings.serf?.config };
    const { timeout: timeoutMs, signal } = readCallOptions("leave", LEAVE_OPTIONS, options);
    await ending.leave(timeoutMs ?? broadcastTimeoutMs + leavePropagateDelayMs, signal);
  }

  /**
   * Closes without telling the others or waiting for handlers: the others will detect this node as failed. Idempotent.
   */
  close(): Promise<void> {
    return this.#runtime.ending.end(null);
  }

  /** Leaves at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  /** Leaves when the process receives one of these signals. Without this call the cluster handles no signals. */
  leaveOn(...signals: NodeJS.Signals[]): void {
    const known = Object.keys(constants.signals).filter((name) => name !== "SIGKILL" && name !== "SIGSTOP");
    const wrong = signals.length === 0 ? [undefined] : signals.filter((signal) => !known.includes(signal));
    if (wrong.length > 0) {
      const allowed = "names of signals that a process can handle, such as SIGTERM";
      throw configError([{ key: "signals", value: wrong[0], allowed }], "leaveOn");
    }
    const onSignal = (): void => void this.leave();
    for (const signal of signals) process.once(signal, onSignal);
    void this.closed.then(() => {
      for (const signal of signals) process.removeListener(signal, onSignal);
    });
  }

  /**
   * The causes of a member's status: who accused it, by which path, who confirmed, who refuted, and when. Oldest first.
   */
  explain(name: string): readonly Cause[] {
    checkText(name, "name", "explain");
    return this.#runtime.node.roster.explain(name);
  }

  #checkHandler(handler: unknown, call: string): void {
    checkHandler(handler, call);
    const { lifecycle } = this.#runtime;
    if (lifecycle.isEnding) throw lifecycle.closedError();
  }
}
