import { type Address, type JoinFinished, type Random, unit } from "@hearsay/core";
import type { Clock } from "../base/clock.ts";
import type { JoinTargetFailure } from "../base/errors.ts";
import { escapeControls } from "../base/logfmt.ts";
import { messageOf } from "../base/message-of.ts";
import type { Resolve } from "../discovery/resolve.ts";
import { type FormerMembers, shuffled } from "./former-members.ts";

/** The result of a join. */
export interface JoinReport {
  /** Number of nodes that exchanged states with this node. */
  readonly contacted: number;
  readonly failures: readonly JoinTargetFailure[];
}

/** What the seed keeper works with. */
export interface SeedKeeperParts {
  /** Addresses and host names to join, as configured. */
  readonly targets: readonly string[];
  /** Missing members from the snapshot. */
  readonly former: FormerMembers;
  /** Whether the membership knows a member of that name. */
  readonly isKnown: (name: string) => boolean;
  /** Called with members from the snapshot that have been given up. */
  readonly onForgotten: (names: readonly string[]) => void;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly random: Random;
  /** Longest wait between two tries, before jitter. */
  readonly healIntervalMs: number;
  /**
   * Starts a join in the core; `finished` gets its result with this token, maybe within the call. `replays`: whether
   * past user events are wanted. False if the core has stopped.
   */
  readonly join: (token: number, targets: readonly Address[], replays: boolean) => boolean;
  readonly cancelJoin: (token: number) => void;
  /** Address keys that lead to this node. */
  readonly own: ReadonlySet<string>;
  /** Address keys of the other members that are alive. */
  readonly reached: () => ReadonlySet<string>;
  /** Called after each try, successful or not; null if there was no target to try. */
  readonly onReport: (report: JoinReport | null) => void;
}

/** First wait after a try that reached no node. */
const BACKOFF_MS = 250;

/** Most addresses that a node without other members tries at a time, and as many members from the snapshot. */
export const ALONE_TRIES_MAX = 16;

/** The same for a node with other members. */
export const TRIES_MAX = 4;

/**
 * How many nodes of a pool try one missing address of a name in an interval, on average. A name with several addresses
 * is a service that all nodes look up, so each missing address is missing for all of them. A single address is always
 * tried.
 */
const TRIES_PER_ADDRESS = 8;

/** Most targets in addition to those of the options. */
export const KEPT_TARGETS_MAX = 256;

/** An address to try, and its name in a report. */
interface Candidate {
  readonly target: string;
  readonly address: Address;
}

/**
 * Joins the pool, and rejoins it. Start order doesn't matter and all seeds may be down at first: it tries for ever,
 * with growing waits, and resolves host names anew each time. Once joined, it still tries addresses that no live member
 * has, so that the halves of a split pool meet again at the seeds. A host name stands for all its addresses: reaching
 * one of them doesn't count for the others.
 *
 * The work is bounded, since a name may have thousands of addresses: a few are tried at a time, in random order. In a
 * pool of n nodes each node tries each missing address of a name with probability 8/n, and at most four in an interval.
 * A pool split in halves makes thousands of tries in an interval, one of which is enough; an address of a name that no
 * node has gets eight tries instead of n.
 */
export class SeedKeeper {
  readonly #parts: SeedKeeperParts;
  readonly #targets: string[];
  readonly #abort = new AbortController();
  readonly #waiting = new Map<number, (finished: JoinFinished) => void>();
  /** Whether this node has met others: then events that they sent meanwhile are news to it. */
  #hasMetOthers = false;
  #attempts = 0;
  #cancelTimer: (() => void) | null = null;
  #isTrying = false;
  #isPaused = false;
  #lastToken = 0;

  constructor(parts: SeedKeeperParts) {
    this.#parts = parts;
    this.#targets = [...parts.targets];
  }

  /** Whether there are nodes to look for. */
  get isSeeking(): boolean {
    return this.#targets.length > 0 || this.#parts.former.size > 0;
  }

  /** Makes the first try and schedules the next ones. */
  start(): void {
    if (this.isSeeking) void this.#try();
  }

  /** Whether a join is under way. */
  get isJoining(): boolean {
    return this.#waiting.size > 0;
  }

  /** Starts no further tries; running joins continue. */
  pause(): void {
    this.#isPaused = true;
    this.#cancelTimer?.();
  }

  stop(): void {
    this.#abort.abort();
    this.#cancelTimer?.();
  }

  /** No other member is alive: tries at once, unless a try is under way. */
  hurry(): void {
    if (this.isSeeking && !this.#isTrying) void this.#try();
  }

  /** Whether there is room for these targets. */
  mayKeep(targets: readonly string[]): boolean {
    return this.#targets.length + this.#unkept(targets).length <= this.#parts.targets.length + KEPT_TARGETS_MAX;
  }

  /** Adds targets to those that are kept. */
  keep(targets: readonly string[]): void {
    if (!this.mayKeep(targets) || this.#abort.signal.aborted) return;
    const wasSeeking = this.isSeeking;
    this.#targets.push(...this.#unkept(targets));
    if (!wasSeeking && this.isSeeking && !this.#isTrying) this.#arm(this.#parts.healIntervalMs);
  }

  /** The core has finished a join. */
  finished(event: JoinFinished): void {
    const waiting = this.#waiting.get(event.token);
    this.#waiting.delete(event.token);
    waiting?.(event);
  }

  /** One join with all addresses of these targets, until `caller` aborts or the keeper stops. Never rejects. */
  async join(targets: readonly string[], caller: AbortSignal | null, replays = false): Promise<JoinReport> {
    const { signal: stopped } = this.#abort;
    const signal = caller === null ? stopped : AbortSignal.any([stopped, caller]);
    const { lists, failures } = await this.#resolved(targets, signal);
    const report = await this.#joinBy(lists.flat(), signal, replays);
    return { contacted: report.contacted, failures: [...failures, ...report.failures] };
  }

  /** The addresses of each target, without this node's own. */
  async #resolved(
    targets: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly lists: Candidate[][]; readonly failures: JoinTargetFailure[] }> {
    const { resolve, own } = this.#parts;
    const lists: Candidate[][] = [];
    const failures: JoinTargetFailure[] = [];
    const seen = new Set(own);
    const outcomes = await Promise.allSettled(targets.map((target) => resolve(target, signal)));
    for (const [index, outcome] of outcomes.entries()) {
      const target = targets[index] ?? "";
      if (outcome.status === "fulfilled") {
        const fresh = outcome.value.filter(({ key }) => !seen.has(key));
        for (const { key } of fresh) seen.add(key);
        lists.push(fresh.map((address) => ({ target, address })));
      } else {
        const detail = messageOf(outcome.reason);
        failures.push({ target, reason: "unresolved", detail });
      }
    }
    return { lists, failures };
  }

  async #joinBy(candidates: readonly Candidate[], signal: AbortSignal, replays: boolean): Promise<JoinReport> {
    // A leaving node starts no further join, even if its look-up was under way.
    if (candidates.length === 0 || signal.aborted || this.#isPaused) return { contacted: 0, failures: [] };
    const targets = new Map(candidates.map(({ address, target }) => [address.key, target]));
    const addresses = candidates.map(({ address }) => address);
    const finished = await this.#runJoin(addresses, signal, replays);
    const failures = (finished?.failures ?? []).map(({ target, reason, detail }) => {
      // It may contain the peer's text, and ends up in printed errors.
      return { target: targets.get(target.key) ?? target.key, reason, detail: escapeControls(detail) };
    });
    return { contacted: finished?.contacted ?? 0, failures };
  }

  #runJoin(addresses: readonly Address[], signal: AbortSignal, replays: boolean): Promise<JoinFinished | null> {
    return new Promise((resolve) => {
      const token = ++this.#lastToken;
      const end = (finished: JoinFinished | null): void => {
        this.#waiting.delete(token);
        signal.removeEventListener("abort", onAbort);
        resolve(finished);
      };
      const onAbort = (): void => {
        this.#parts.cancelJoin(token);
        // A stopped core doesn't report the end of the join.
        end(null);
      };
      this.#waiting.set(token, end);
      signal.addEventListener("abort", onAbort, { once: true });
      if (!this.#parts.join(token, addresses, replays)) end(null);
    });
  }

  #unkept(targets: readonly string[]): string[] {
    return [...new Set(targets)].filter((target) => !this.#targets.includes(target));
  }

  async #try(): Promise<void> {
    const { clock, healIntervalMs, former, isKnown, onForgotten, onReport } = this.#parts;
    const { signal } = this.#abort;
    if (this.#isTrying || this.#isPaused || signal.aborted) return;
    this.#isTrying = true;
    this.#cancelTimer?.();
    const startedAt = clock.now();
    const forgotten = former.settle(startedAt, isKnown);
    if (forgotten.length > 0) onForgotten(forgotten);
    const reports = await Promise.all([this.#trySeeds(signal), this.#tryFormer(signal)]);
    this.#isTrying = false;
    if (signal.aborted) return;
    const tried = reports.filter((report) => report !== null);
    const report = {
      contacted: tried.reduce((sum, { contacted }) => sum + contacted, 0),
      failures: tried.flatMap(({ failures }) => failures),
    };
    // A leaving node has started no join, so there is nothing to report.
    onReport(tried.length === 0 || this.#isPaused ? null : report);
    if (!this.isSeeking || this.#isPaused) return;
    const isReached = report.contacted > 0 || this.#parts.reached().size > 0;
    this.#hasMetOthers ||= isReached;
    this.#attempts = isReached ? 0 : this.#attempts + 1;
    // A try without an answer takes long, and counts towards the interval.
    this.#arm(isReached ? Math.max(BACKOFF_MS, healIntervalMs - (clock.now() - startedAt)) : this.#backoffMs());
  }

  /**
   * A try with the configured targets; null if all of them are reached. Events from before this node first met others
   * are not replayed; events from while it was cut off are.
   */
  async #trySeeds(signal: AbortSignal): Promise<JoinReport | null> {
    if (this.#targets.length === 0) return null;
    const { lists, failures } = await this.#resolved(this.#targets, signal);
    const reached = this.#parts.reached();
    this.#hasMetOthers ||= reached.size > 0;
    if (reached.size === 0) {
      const report = await this.#joinBy(this.#inTurn(lists, ALONE_TRIES_MAX), signal, this.#hasMetOthers);
      return { contacted: report.contacted, failures: [...failures, ...report.failures] };
    }
    const missing = lists.map((list) => {
      const isName = list.length > 1;
      return list.filter(({ address: { key } }) => !reached.has(key) && (!isName || this.#isOurTurn(reached.size)));
    });
    const candidates = this.#inTurn(missing, TRIES_MAX);
    return candidates.length === 0 ? null : await this.#joinBy(candidates, signal, true);
  }

  /**
   * A try with members from the snapshot; null if none is missing. Events from while this node was away are replayed.
   */
  async #tryFormer(signal: AbortSignal): Promise<JoinReport | null> {
    const { former, reached, resolve, own } = this.#parts;
    const candidates: Candidate[] = [];
    for (const { name, address: text } of former.take(reached().size === 0 ? ALONE_TRIES_MAX : TRIES_MAX)) {
      const addresses = await resolve(text, signal).catch(() => []);
      for (const address of addresses)
        if (!own.has(address.key)) candidates.push({ target: `${name} (${text})`, address });
    }
    return candidates.length === 0 ? null : await this.#joinBy(candidates, signal, true);
  }

  #isOurTurn(others: number): boolean {
    return unit(this.#parts.random) < TRIES_PER_ADDRESS / (others + 1);
  }

  /**
   * Up to `max` candidates, one of each list in turn, so that a name with many addresses leaves room for the others.
   */
  #inTurn(lists: readonly (readonly Candidate[])[], max: number): Candidate[] {
    const { random } = this.#parts;
    const waiting = shuffled([...lists], random).map((list) => shuffled([...list], random));
    const chosen: Candidate[] = [];
    for (let turn = 0; chosen.length < max && waiting.some((list) => list.length > turn); turn++) {
      for (const list of waiting) {
        const candidate = list[turn];
        if (candidate !== undefined && chosen.length < max) chosen.push(candidate);
      }
    }
    return chosen;
  }

  #backoffMs(): number {
    return Math.min(this.#parts.healIntervalMs, BACKOFF_MS * 2 ** Math.min(16, this.#attempts - 1));
  }

  #arm(delayMs: number): void {
    const jittered = delayMs * (0.75 + 0.5 * unit(this.#parts.random));
    this.#cancelTimer = this.#parts.clock.after(jittered, () => void this.#try());
  }
}
