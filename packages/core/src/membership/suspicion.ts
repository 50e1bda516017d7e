import type { Deadlines } from "../base/deadlines.ts";
import { SUSPICION } from "../base/deadlines.ts";
import type { Slot } from "./member-table.ts";

/** What the timeouts of suspicions are made of; a part of `SwimConfig`. */
export interface SuspicionTimes {
  readonly probeIntervalMs: number;
  readonly suspicionMult: number;
  readonly suspicionMaxTimeoutMult: number;
}

/** Stands for the probe interval where probing is switched off. */
const INTERVAL_WITHOUT_PROBES_MS = 1000;

/** One running suspicion. */
interface Suspicion {
  /** Tells this suspicion's deadlines from those of earlier ones of the same slot. */
  readonly id: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Confirmations that bring the timeout down to `minMs`. */
  readonly wanted: number;
  startedAt: number;
  /** The first accuser, then those who confirmed. */
  readonly accusers: string[];
}

/** The suspicions that run, and when each ends in a death (docs/protocol/memberlist.md, section 14). */
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
    const wanted = this.#confirmations ? confirmationsWanted(this.#times.suspicionMult, n) : 0;
    const minMs = suspicionMinMs(this.#times, n);
    const maxMs = wanted < 1 ? minMs : minMs * this.#times.suspicionMaxTimeoutMult;
    const id = ++this.#lastId;
    this.#bySlot.set(slot, { id, minMs, maxMs, wanted, startedAt: now, accusers: [accuser] });
    this.#deadlines.push(now + maxMs, SUSPICION, slot, id);
  }

  isRunning(slot: Slot): boolean {
    return this.#bySlot.has(slot);
  }

  /** Whether a deadline with this stamp belongs to the suspicion that runs now. */
  isCurrent(slot: Slot, stamp: number): boolean {
    return this.#bySlot.get(slot)?.id === stamp;
  }

  /** Counts an accuser. True if that is news: it had not accused before and confirmations were still wanted. */
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

  /** Everybody who has accused the member in the suspicion that runs; none if none runs. */
  accusers(slot: Slot): readonly string[] {
    return this.#bySlot.get(slot)?.accusers ?? [];
  }

  /** Whether the suspicion has lasted as long as its confirmations allow. Its earlier deadlines were for fewer of them. */
  isDue(slot: Slot, now: number): boolean {
    const suspicion = this.#bySlot.get(slot);
    if (suspicion === undefined) return false;
    const { accusers, wanted, startedAt, minMs, maxMs } = suspicion;
    // Half a millisecond of grace: sums of doubles and a heap of deadlines may differ in the last digit.
    return suspicionRemainingMs(accusers.length - 1, wanted, now - startedAt, minMs, maxMs) <= 0.5;
  }

  end(slot: Slot): void {
    this.#bySlot.delete(slot);
  }

  /** This node slept through `lateMs`: the accused get that much more time, as their deadlines do. */
  postpone(lateMs: number): void {
    for (const suspicion of this.#bySlot.values()) suspicion.startedAt += lateMs;
  }
}

/** Confirmations from others that a suspicion waits for: mult - 2, none where there aren't that many others (14.1). */
export function confirmationsWanted(suspicionMult: number, n: number): number {
  const wanted = suspicionMult - 2;
  return n - 2 < wanted ? 0 : Math.max(0, wanted);
}

/** The least time from suspicion to death in a view of `n`: mult x max(1, log10 n) x probe interval (14.1). */
export function suspicionMinMs(times: SuspicionTimes, n: number): number {
  const scale = Math.floor(1000 * Math.max(1, Math.log10(Math.max(1, n))));
  // A node that doesn't probe still hears accusations, and must give the accused their time.
  const intervalMs = times.probeIntervalMs > 0 ? times.probeIntervalMs : INTERVAL_WITHOUT_PROBES_MS;
  return (times.suspicionMult * scale * intervalMs) / 1000;
}

/** What is left of a suspicion after `count` confirmations of `wanted`; negative when it is over (14.3). */
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
