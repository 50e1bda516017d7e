import { invariant } from "../base/invariant.ts";
import { below, type Random } from "../base/random.ts";

/** The conditions of a link. Chances are from 0 to 1. Times are in milliseconds, exact to a microsecond. */
export interface LinkConditions {
  /** Minimum latency. */
  readonly latencyMs: number;
  /** Largest additional latency; all values up to it are equally likely. */
  readonly jitterMs: number;
  /** Chance that a datagram is lost. A chunk of a stream is retransmitted instead, which takes 200 ms each time. */
  readonly loss: number;
  /** Chance that a datagram arrives twice. */
  readonly duplication: number;
  /** Chance that a datagram is held back by `reorderingMs`, so that later ones overtake it. */
  readonly reordering: number;
  readonly reorderingMs: number;
  /** Larger datagrams are lost, as on a path that drops fragments. */
  readonly datagramBytesMax: number;
}

/** A link that delivers everything at once. */
export const PERFECT_LINK: LinkConditions = {
  latencyMs: 0,
  jitterMs: 0,
  loss: 0,
  duplication: 0,
  reordering: 0,
  reorderingMs: 0,
  datagramBytesMax: 65_507,
};

const RETRANSMISSION_US = 200_000;
const RETRANSMISSIONS_MAX = 8;

/**
 * A model of a network: whether and when each datagram arrives. Everything can be changed while the model is in use.
 *
 * Ends are named by strings, which must be the same in every call. All randomness comes from the given `Random`, which
 * is used only for features that are switched on.
 */
export class PacketModel {
  readonly #random: Random;
  #link: Link;
  readonly #links = new Map<string, Map<string, Link>>();
  readonly #groups = new Map<string, number>();
  readonly #cuts = new Map<string, Set<string>>();
  // Every call returns the same array, so that a packet causes no garbage.
  readonly #delays: number[] = [];

  constructor(random: Random, conditions: Partial<LinkConditions> = {}) {
    this.#random = random;
    this.#link = compile({ ...PERFECT_LINK, ...conditions });
  }

  /** Changes the conditions of all links without their own. Omitted conditions stay the same. */
  setConditions(conditions: Partial<LinkConditions>): void {
    this.#link = compile({ ...this.#link.conditions, ...conditions });
  }

  /** Gives the link from one end to another its own conditions, on top of the general ones; null removes them. */
  setLink(from: string, to: string, conditions: Partial<LinkConditions> | null): void {
    if (conditions !== null) {
      const targets = this.#links.get(from) ?? new Map<string, Link>();
      targets.set(to, compile({ ...this.#link.conditions, ...conditions }));
      this.#links.set(from, targets);
      return;
    }
    const targets = this.#links.get(from);
    if (targets?.delete(to) && targets.size === 0) this.#links.delete(from);
  }

  /** Splits the network: only ends of the same group reach each other. All ends without a group form one more group. */
  partition(groups: readonly (readonly string[])[]): void {
    this.#groups.clear();
    for (const [index, group] of groups.entries()) for (const end of group) this.#groups.set(end, index + 1);
  }

  /** Cuts the link from one end to another; the reverse link stays open. */
  cut(from: string, to: string): void {
    const targets = this.#cuts.get(from) ?? new Set<string>();
    targets.add(to);
    this.#cuts.set(from, targets);
  }

  /** Undoes `cut`. */
  mend(from: string, to: string): void {
    const targets = this.#cuts.get(from);
    if (targets?.delete(to) && targets.size === 0) this.#cuts.delete(from);
  }

  /** Undoes all partitions and cuts. The conditions stay. */
  heal(): void {
    this.#groups.clear();
    this.#cuts.clear();
  }

  /** Whether nothing reaches the one end from the other. */
  isCut(from: string, to: string): boolean {
    if (this.#groups.size > 0 && (this.#groups.get(from) ?? 0) !== (this.#groups.get(to) ?? 0)) return true;
    return this.#cuts.size > 0 && (this.#cuts.get(from)?.has(to) ?? false);
  }

  /**
   * When the copies of one datagram arrive, in milliseconds from now; empty if it is lost. The array is borrowed: the
   * next call overwrites it.
   */
  deliveries(from: string, to: string, bytes: number): readonly number[] {
    const delays = this.#delays;
    delays.length = 0;
    if (this.isCut(from, to)) return delays;
    const link = this.#linkOf(from, to);
    if (bytes > link.conditions.datagramBytesMax || this.#happens(link.loss)) return delays;
    delays.push(this.#datagramDelay(link));
    if (this.#happens(link.duplication)) delays.push(this.#datagramDelay(link));
    return delays;
  }

  /** The delay of a stream's chunk, in milliseconds, as if the link were open: the caller must check `isCut`. */
  streamDelay(from: string, to: string): number {
    const link = this.#linkOf(from, to);
    let delayUs = this.#delayUs(link);
    for (let i = 0; i < RETRANSMISSIONS_MAX && this.#happens(link.loss); i++) delayUs += RETRANSMISSION_US;
    return delayUs / 1000;
  }

  #linkOf(from: string, to: string): Link {
    return this.#links.size === 0 ? this.#link : (this.#links.get(from)?.get(to) ?? this.#link);
  }

  #datagramDelay(link: Link): number {
    const delayUs = this.#delayUs(link);
    return (this.#happens(link.reordering) ? delayUs + link.reorderingUs : delayUs) / 1000;
  }

  #delayUs(link: Link): number {
    return link.jitterUs === 0 ? link.latencyUs : link.latencyUs + below(this.#random, link.jitterUs + 1);
  }

  /** `chance` is in 1 / 2^32. */
  #happens(chance: number): boolean {
    return chance > 0 && this.#random.nextU32() < chance;
  }
}

/** Conditions in whole microseconds and in chances of 1 / 2^32, so that a packet needs no fractions. */
interface Link {
  readonly conditions: LinkConditions;
  readonly latencyUs: number;
  readonly jitterUs: number;
  readonly reorderingUs: number;
  readonly loss: number;
  readonly duplication: number;
  readonly reordering: number;
}

function compile(conditions: LinkConditions): Link {
  return {
    conditions,
    latencyUs: microseconds(conditions.latencyMs),
    jitterUs: microseconds(conditions.jitterMs),
    reorderingUs: microseconds(conditions.reorderingMs),
    loss: chance(conditions.loss),
    duplication: chance(conditions.duplication),
    reordering: chance(conditions.reordering),
  };
}

function microseconds(ms: number): number {
  invariant(ms >= 0 && ms <= 3_600_000, "a link's time must be from 0 to an hour");
  return Math.round(ms * 1000);
}

function chance(probability: number): number {
  invariant(probability >= 0 && probability <= 1, "a chance must be from 0 to 1");
  return Math.round(probability * 0x1_0000_0000);
}
