import { type Address, type JoinFailure, type JoinFinished, type Random, unit } from "@hearsay/core";
import type { Clock } from "./clock.ts";

/** What a join came to. */
export interface JoinReport {
  /** Nodes that exchanged states with us. */
  readonly contacted: number;
  readonly failures: readonly SeedFailure[];
}

/** One target that could not be used; `target` as it was configured. */
export interface SeedFailure {
  readonly target: string;
  readonly reason: JoinFailure["reason"] | "unresolved";
  readonly detail: string;
}

/** Turns a configured target into addresses; rejects with the reason why it can't. */
export type Resolve = (target: string, signal: AbortSignal) => Promise<readonly Address[]>;

/** What keeping the seeds works with. */
export interface SeedKeeperParts {
  /** Addresses and host names to join by, as configured. */
  readonly targets: readonly string[];
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly random: Random;
  /** Longest wait between two tries. */
  readonly healIntervalMs: number;
  /**
   * Starts a join in the core; its token comes back with `join-finished`. `replays`: whether user events from before are
   * wanted.
   */
  readonly join: (targets: readonly Address[], replays: boolean) => number | undefined;
  readonly cancelJoin: (token: number) => void;
  /** Address keys of this node and of all members that are alive to it. */
  readonly reachable: () => ReadonlySet<string>;
  /** Each finished try, successful or not. */
  readonly onReport: (report: JoinReport) => void;
}

/** First wait after a try that reached nobody. */
const BACKOFF_MS = 250;

/**
 * Finds the way into the pool and back into it. Start order doesn't matter and seeds may all be down at first: it tries
 * for ever, with growing waits, and resolves host names anew each time. Once joined, it goes on looking for seeds that
 * are not among the live members, so that two halves of a pool that lost each other meet again at the seeds.
 */
export class SeedKeeper {
  readonly #parts: SeedKeeperParts;
  readonly #abort = new AbortController();
  readonly #waiting = new Map<number, (finished: JoinFinished) => void>();
  #attempts = 0;
  #cancelTimer: (() => void) | null = null;
  #isTrying = false;
  /** A join to nobody but ourselves finishes within the call, before its token is known. */
  #finishedEarly: JoinFinished | null = null;

  constructor(parts: SeedKeeperParts) {
    this.#parts = parts;
  }

  /** Makes the first try and goes on from there. */
  start(): void {
    if (this.#parts.targets.length > 0) void this.#try();
  }

  stop(): void {
    this.#abort.abort();
    this.#cancelTimer?.();
  }

  /** Nobody else is alive: try at once, unless a try is under way. */
  hurry(): void {
    if (this.#parts.targets.length > 0 && !this.#isTrying) void this.#try();
  }

  /** The core has finished a join. */
  finished(event: JoinFinished): void {
    const waiting = this.#waiting.get(event.token);
    this.#waiting.delete(event.token);
    if (waiting !== undefined) waiting(event);
    else this.#finishedEarly = event;
  }

  /** One join by these targets, until `caller` aborts or the keeper stops. Never rejects. */
  async join(targets: readonly string[], caller?: AbortSignal, replays = false): Promise<JoinReport> {
    const { signal: stopped } = this.#abort;
    const signal = caller === undefined ? stopped : AbortSignal.any([stopped, caller]);
    const failures: SeedFailure[] = [];
    const byAddress = new Map<string, { address: Address; target: string }>();
    const resolved = await Promise.allSettled(targets.map((target) => this.#parts.resolve(target, signal)));
    for (const [index, outcome] of resolved.entries()) {
      const target = targets[index] ?? "";
      if (outcome.status === "fulfilled") {
        for (const address of outcome.value) byAddress.set(address.key, { address, target });
      } else {
        const detail = outcome.reason instanceof Error ? outcome.reason.message : String(outcome.reason);
        failures.push({ target, reason: "unresolved", detail });
      }
    }
    const addresses = [...byAddress.values()].map(({ address }) => address);
    if (addresses.length === 0 || signal.aborted) return { contacted: 0, failures };
    const finished = await this.#runJoin(addresses, signal, replays);
    for (const { target, reason, detail } of finished?.failures ?? []) {
      failures.push({ target: byAddress.get(target.key)?.target ?? target.key, reason, detail });
    }
    return { contacted: finished?.contacted ?? 0, failures };
  }

  #runJoin(addresses: readonly Address[], signal: AbortSignal, replays: boolean): Promise<JoinFinished | null> {
    return new Promise((resolve) => {
      this.#finishedEarly = null;
      const token = this.#parts.join(addresses, replays);
      if (token === undefined) return resolve(null);
      const early: JoinFinished | null = this.#finishedEarly;
      if (early !== null) return resolve(early);
      // A core that has stopped would not report the end of the join any more.
      const onAbort = (): void => {
        this.#waiting.delete(token);
        this.#parts.cancelJoin(token);
        resolve(null);
      };
      // What the join itself set off may have ended everything already.
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.set(token, (event) => {
        signal.removeEventListener("abort", onAbort);
        resolve(event);
      });
    });
  }

  async #try(): Promise<void> {
    if (this.#isTrying || this.#abort.signal.aborted) return;
    this.#isTrying = true;
    this.#cancelTimer?.();
    const targets = await this.#missing();
    const report = targets.length === 0 ? null : await this.join(targets);
    this.#isTrying = false;
    if (this.#abort.signal.aborted) return;
    if (report !== null) this.#parts.onReport(report);
    const isReached = report === null || report.contacted > 0;
    this.#attempts = isReached ? 0 : this.#attempts + 1;
    this.#arm(isReached ? this.#parts.healIntervalMs : this.#backoffMs());
  }

  /** Targets that no live member answers for; all of them as long as there is none. */
  async #missing(): Promise<string[]> {
    const { targets, resolve, reachable } = this.#parts;
    const reached = reachable();
    if (reached.size <= 1) return [...targets];
    const missing: string[] = [];
    for (const target of targets) {
      const addresses = await resolve(target, this.#abort.signal).catch(() => []);
      if (!addresses.some((address) => reached.has(address.key))) missing.push(target);
    }
    return missing;
  }

  #backoffMs(): number {
    return Math.min(this.#parts.healIntervalMs, BACKOFF_MS * 2 ** Math.min(16, this.#attempts - 1));
  }

  #arm(delayMs: number): void {
    const jittered = delayMs * (0.75 + 0.5 * unit(this.#parts.random));
    this.#cancelTimer = this.#parts.clock.after(jittered, () => void this.#try());
  }
}
