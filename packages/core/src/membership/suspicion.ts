import type { Deadlines } from "../base/deadlines.ts";
import { SUSPICION } from "../base/deadlines.ts";
import type { Slot } from "./member-table.ts";

/** The settings that determine suspicion timeouts; a part of `SwimConfig`. */
export interface SuspicionTimes {
  readonly probeIntervalMs: number;
  readonly suspicionMult: number;
  readonly suspicionMaxTimeoutMult: number;
  readonly suspicionTimeoutMs: number;
}

/** Replaces the probe interval if probing is switched off. */
const INTERVAL_WITHOUT_PROBES_MS = 1000;

/** One running suspicion. */
interface Suspicion {
  /** Distinguishes this suspicion's deadlines from those of earlier suspicions of the same slot. */
  readonly id: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Confirmations that bring the timeout down to `minMs`. */
  readonly wanted: number;
  startedAt: number;
  /** The first accuser, then the members that confirmed. */
  readonly accusers: string[];
}

/** The running suspicions and their timeouts (docs/protocol/memberlist.md, section 14). */
export class Suspicions {
  readonly #times: SuspicionTimes;
  readonly #deadlines: Deadlines;
  readonly #confirmations: boolean;
  readonly #bySlot = new Map<Slot, Suspicion>();
  #lastId = 0;

  /** Without `confirmations` every suspicion lasts for the least timeout, as before Lifeguard. */
  constructor(times: SuspicionTimes, deadlines: Deadlines, confirmations: boolean) {
    this.#times = times;
    this.#deadlines = deadlines;
    this.#confirmations = confirmations;
  }

  get size(): number {
    return this.#bySlot.size;
  }

  /** Starts a suspicion by `accuser` in a view of `n` members, this node and the suspect included. */
  begin(slot: Slot, now: number, accuser: string, n: number): void {
    const wanted = this.#confirmations ? confirmationsWanted(this.#times, n) : 0;
    const minMs = suspicionMinMs(this.#times, n);
    const maxMs = wanted < 1 ? minMs : suspicionMaxMs(this.#times, n);
    const id = ++this.#lastId;
    this.#bySlot.set(slot, { id, minMs, maxMs, wanted, startedAt: now, accusers: [accuser] });
    this.#deadlines.push(now + maxMs, SUSPICION, slot, id);
  }

  isRunning(slot: Slot): boolean {
    return this.#bySlot.has(slot);
  }

  /** Whether a deadline with this stamp belongs to the running suspicion. */
  isCurrent(slot: Slot, stamp: number): boolean {
    return this.#bySlot.get(slot)?.id === stamp;
  }

  /** Counts an accuser. True if that is news: it had not accused before, and confirmations were still wanted. */
  confirm(slot: Slot, now: number, accuser: string): boolean {
    const suspicion = this.#bySlot.get(slot);
    if (suspicion === undefined) return false;
    const count = suspicion.accusers.length - 1;
    if (count >= suspicion.wanted || suspicion.accusers.includes(accuser)) return false;
    suspicion.accusers.push(accuser);
    const { minMs, maxMs, wanted, startedAt } = suspicion;
    const elapsed = now - startedAt;
    const remaining = suspicionRemainingMs(count + 1, wanted, elapsed, minMs, maxMs);
    this.#deadlines.push(now + Math.max(0, remaining), SUSPICION, slot, suspicion.id);
    return true;
  }

  /** All accusers of the running suspicion; empty if none runs. */
  accusers(slot: Slot): readonly string[] {
    return this.#bySlot.get(slot)?.accusers ?? [];
  }

  /** Whether the timeout for the current number of confirmations has passed. Earlier deadlines were set for fewer. */
  isDue(slot: Slot, now: number): boolean {
    const suspicion = this.#bySlot.get(slot);
    if (suspicion === undefined) return false;
    const { accusers, wanted, startedAt, minMs, maxMs } = suspicion;
    // Half a millisecond of tolerance, because sums of doubles may differ from the deadline in the last digit.
    return suspicionRemainingMs(accusers.length - 1, wanted, now - startedAt, minMs, maxMs) <= 0.5;
  }

  end(slot: Slot): void {
    this.#bySlot.delete(slot);
  }

  /** This node was late by `lateMs`: the accused get that much more time. The caller moves their deadlines as well. */
  postpone(lateMs: number): void {
    for (const suspicion of this.#bySlot.values()) suspicion.startedAt += lateMs;
  }
}

/**
 * Confirmations from others that a suspicion waits for: mult - 2, or 0 if there are fewer other members (14.1). A fixed
 * time waits for none.
 */
export function confirmationsWanted({ suspicionMult, suspicionTimeoutMs }: SuspicionTimes, n: number): number {
  const wanted = suspicionTimeoutMs > 0 ? 0 : suspicionMult - 2;
  return n - 2 < wanted ? 0 : Math.max(0, wanted);
}

/**
 * The least time from suspicion to failure in a view of `n`: the fixed time, or mult x max(1, log10 n) x probe interval
 * (14.1).
 */
export function suspicionMinMs(times: SuspicionTimes, n: number): number {
  if (times.suspicionTimeoutMs > 0) return times.suspicionTimeoutMs;
  const scale = Math.floor(1000 * Math.max(1, Math.log10(Math.max(1, n))));
  // A node that doesn't probe still hears accusations and must give the accused time to refute.
  const intervalMs = times.probeIntervalMs > 0 ? times.probeIntervalMs : INTERVAL_WITHOUT_PROBES_MS;
  return (times.suspicionMult * scale * intervalMs) / 1000;
}

/** The time from suspicion to failure in a view of `n` if nobody confirms the suspicion (14.1). */
export function suspicionMaxMs(times: SuspicionTimes, n: number): number {
  const lengthening = confirmationsWanted(times, n) > 0 ? times.suspicionMaxTimeoutMult : 1;
  return suspicionMinMs(times, n) * lengthening;
}

/** The time left of a suspicion after `count` confirmations of `wanted`; negative if it is over (14.3). */
export function suspicionRemainingMs(
  count: number,
  wanted: number,
  elapsedMs: number,
  minMs: number,
  maxMs: number,
): number {
  const fraction = wanted < 1 ? 1 : Math.log(count + 1) / Math.log(wanted + 1);
  const timeout = Math.max(minMs, Math.floor(maxMs - (maxMs - minMs) * fraction));
  return timeout - elapsedMs;
}
