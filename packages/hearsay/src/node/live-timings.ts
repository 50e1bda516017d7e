import { LIVE_SETTINGS, SETTINGS, type SwimConfig } from "@hearsay/core";
import type { Clock } from "../base/clock.ts";

/** The most that a setting changes at once. */
const STEP_FACTOR = 2;

/** How long the values of a step stay: the failures that they bring to light come before the next step. */
const STEP_MS = 10_000;

type Key = keyof SwimConfig;

const COUNTED: ReadonlySet<Key> = new Set(SETTINGS.filter(({ unit }) => unit === "count").map(({ key }) => key));

/** The protocol's settings of a running node. Changes are made in steps, so that the other members can keep up. */
export class LiveTimings {
  /** The values at this moment, which the core reads at each use. */
  readonly #current: Record<Key, number>;
  readonly #after: Clock["after"];
  /** Where the values are going that are not there yet. */
  readonly #targets = new Map<Key, number>();
  #waiting: (() => void)[] = [];
  /** Ends the time for which the last step stays; null: it is over. */
  #cancel: (() => void) | null = null;

  constructor(start: SwimConfig, after: Clock["after"]) {
    this.#current = { ...start };
    this.#after = after;
  }

  get current(): SwimConfig {
    return this.#current;
  }

  /**
   * Changes `LIVE_SETTINGS`. A step is taken at once, unless the last one has not stayed for its time yet: then the next
   * one is part of this change, too. A value that an earlier call is still changing gets the new target. Resolves once every value is where it was to go, or the node has ended.
   */
  change(wanted: Partial<SwimConfig>): Promise<void> {
    for (const key of LIVE_SETTINGS) {
      const value = wanted[key];
      if (value !== undefined) this.#targets.set(key, value);
    }
    const reached = new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#cancel === null) this.#step();
    return reached;
  }

  /** The node has ended: nothing changes any more. */
  close(): void {
    this.#targets.clear();
    this.#cancel?.();
    this.#cancel = null;
    this.#settle();
  }

  #step(): void {
    this.#cancel = null;
    let hasChanged = false;
    for (const [key, target] of this.#targets) {
      const before = this.#current[key];
      this.#current[key] = nextValue(key, before, target);
      hasChanged ||= this.#current[key] !== before;
      if (this.#current[key] === target) this.#targets.delete(key);
    }
    if (this.#targets.size === 0) this.#settle();
    // Also after the last step of a change: otherwise several calls in a row would be one large step.
    if (hasChanged) this.#cancel = this.#after(STEP_MS, () => this.#step());
  }

  #settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/**
 * The value after a step towards the target. A count goes to 0 and from it by way of 1. A time has no factor from or to
 * 0, which stands for something else than a short time, and so goes there in one step.
 */
function nextValue(key: Key, value: number, target: number): number {
  const isCount = COUNTED.has(key);
  if (value === 0) return isCount ? Math.min(1, target) : target;
  if (target === 0) return isCount && value > 1 ? nextValue(key, value, 1) : 0;
  const next = target > value ? Math.min(target, value * STEP_FACTOR) : Math.max(target, value / STEP_FACTOR);
  // Counts are whole: a step down is rounded up, and so never passes the target.
  return isCount ? Math.ceil(next) : next;
}
