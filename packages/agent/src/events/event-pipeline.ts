import type { UserEvent } from "hearsay";
import type { AgentEvent, MemberEvent } from "./agent-event.ts";
import type { CoalescePeriods } from "./coalescer.ts";
import { MemberCoalescer } from "./member-coalescer.ts";
import { UserCoalescer } from "./user-coalescer.ts";

/** The pipeline's clock: monotonic milliseconds, and a call after a delay. */
export interface PipelineClock {
  now(): number;
  /** Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** The process's clock; its timers don't keep the process alive. */
export const SYSTEM_CLOCK: PipelineClock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** How the pipeline is set up. */
export interface PipelineOptions {
  readonly memberPeriods: CoalescePeriods;
  readonly userPeriods: CoalescePeriods;
  readonly clock: PipelineClock;
}

/**
 * Turns what the cluster reports into what streams and scripts get. Member events, and user events that allow it, are
 * gathered for a moment; everything else is delivered at once.
 */
export class EventPipeline {
  readonly #clock: PipelineClock;
  readonly #members: MemberCoalescer;
  readonly #users: UserCoalescer;
  readonly #listeners = new Set<(event: AgentEvent) => void>();
  #cancelTimer: (() => void) | null = null;
  #armedAt: number = Number.POSITIVE_INFINITY;

  constructor({ memberPeriods, userPeriods, clock }: PipelineOptions) {
    this.#clock = clock;
    this.#members = new MemberCoalescer(memberPeriods);
    this.#users = new UserCoalescer(userPeriods);
  }

  /** Calls `listener` for each event; it must not throw. Returns a function that removes it. */
  listen(listener: (event: AgentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  member(event: MemberEvent): void {
    this.#members.add(this.#clock.now(), event);
    this.#arm();
  }

  user(event: UserEvent): void {
    if (!event.coalesce || this.#users.isFull) return this.deliver({ kind: "user", event });
    this.#users.add(this.#clock.now(), event);
    this.#arm();
  }

  deliver(event: AgentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Delivers the gathered events before they are due. */
  flush(): void {
    for (const event of this.#users.flush()) this.deliver({ kind: "user", event });
    for (const { type, members } of this.#members.flush()) this.deliver({ kind: "member", type, members });
    this.#arm();
  }

  /** Drops the gathered events and the listeners. */
  close(): void {
    this.#cancelTimer?.();
    this.#listeners.clear();
  }

  #arm(): void {
    const dueAt = Math.min(this.#members.dueAt, this.#users.dueAt);
    if (dueAt === this.#armedAt) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#armedAt = dueAt;
    if (dueAt === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = this.#clock.after(Math.max(0, dueAt - this.#clock.now()), () => this.#fallDue());
  }

  #fallDue(): void {
    const now = this.#clock.now();
    this.#armedAt = Number.POSITIVE_INFINITY;
    if (this.#users.dueAt <= now) {
      for (const event of this.#users.flush()) this.deliver({ kind: "user", event });
    }
    if (this.#members.dueAt <= now) {
      for (const { type, members } of this.#members.flush()) this.deliver({ kind: "member", type, members });
    }
    this.#arm();
  }
}
