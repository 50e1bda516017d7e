import type { SwimConfig } from "../base/config.ts";
import { type Deadlines, RECONNECT_TICK } from "../base/deadlines.ts";
import { below, type Random, unit } from "../base/random.ts";
import type { Call } from "../call/call.ts";
import type { NamedPings } from "../detector/named-pings.ts";
import type { LayerStack } from "../layers/layer-stack.ts";
import type { MemberRecord } from "../membership/member-record.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import { ALIVE_STATUS, DEAD_STATUS, LEFT_STATUS, SUSPECT_STATUS } from "../membership/status.ts";
import type { PushPull } from "./push-pull.ts";

/** Limit on the lost members that are remembered; the oldest are dropped first. */
export const LOST_MAX = 4096;
/** First wait after this node finds itself isolated; it doubles up to the heal interval. */
const ISOLATION_BACKOFF_MS = 1000;

/** Dependencies of `Reconnector`. */
export interface ReconnectorParts {
  readonly config: SwimConfig;
  /** Tells how long lost members are tried. */
  readonly layers: Pick<LayerStack, "lookForMs">;
  readonly table: MemberTable;
  readonly self: Slot;
  readonly namedPings: NamedPings;
  readonly pushPull: PushPull;
  readonly deadlines: Deadlines;
  readonly random: Random;
}

/**
 * Reunites the pool after a partition. The reference forgets failed members after half a minute and never contacts them
 * again. Here each node keeps trying the members it lost: first with a ping by name, which a different product on a
 * reused address does not answer, then with a push/pull. Members that left on purpose are not tried.
 */
export class Reconnector {
  readonly #parts: ReconnectorParts;
  readonly #lost = new Map<string, { record: MemberRecord; since: number }>();
  #generation = 0;
  #hasMetOthers = false;
  #isolatedTicks = 0;

  constructor(parts: ReconnectorParts) {
    this.#parts = parts;
  }

  /** Number of lost members that are remembered. Push/pulls and member counts don't include them. */
  get size(): number {
    return this.#lost.size;
  }

  start(now: number): void {
    this.#arm(now, this.#parts.config.healIntervalMs);
  }

  /** The table has reaped a failed member. */
  lose(record: MemberRecord, now: number): void {
    this.#lost.set(record.name, { record, since: now });
    if (this.#lost.size <= LOST_MAX) return;
    for (const oldest of this.#lost.keys()) {
      this.#lost.delete(oldest);
      break;
    }
  }

  /** A member has joined, or has left for good. */
  found(name: string): void {
    this.#lost.delete(name);
    this.#hasMetOthers = true;
    this.#isolatedTicks = 0;
  }

  /** A member is gone. If it was the last one, the next tick comes early. */
  checkIsolation(now: number): void {
    if (this.#isIsolated() && this.#isolatedTicks === 0) this.#arm(now, ISOLATION_BACKOFF_MS);
  }

  /** A lost member has left for good. */
  forget(name: string): void {
    this.#lost.delete(name);
  }

  tick(call: Call, generation: number): void {
    if (generation !== this.#generation) return;
    const { config } = this.#parts;
    const isIsolated = this.#isIsolated();
    this.#isolatedTicks = isIsolated ? this.#isolatedTicks + 1 : 0;
    if (isIsolated) call.out.event({ type: "notice", notice: { kind: "isolated" } });
    this.#tryOne(call);
    const backoff = ISOLATION_BACKOFF_MS * 2 ** Math.min(20, this.#isolatedTicks);
    this.#arm(call.now, isIsolated ? Math.min(config.healIntervalMs, backoff) : config.healIntervalMs);
  }

  /**
   * Tries one lost member with probability lost/alive, so that a large pool makes about one try per interval for each.
   */
  #tryOne(call: Call): void {
    const { table, random, namedPings, pushPull, config } = this.#parts;
    this.#forgetOld(call.now);
    if (this.#hasLeft()) return;
    const dead = table.count(DEAD_STATUS);
    const candidates = dead + this.#lost.size;
    if (candidates === 0 || unit(random) >= candidates / table.count(ALIVE_STATUS)) return;
    const record = this.#candidate(below(random, candidates), dead);
    if (record === null) return;
    namedPings.ask(call, record.name, record.address, config.probeTimeoutMs, (answered, isThere) => {
      if (isThere) pushPull.exchange(answered, record.address, false, () => {});
    });
  }

  #candidate(choice: number, dead: number): MemberRecord | null {
    const { table } = this.#parts;
    if (choice < dead) return table.record(table.at(table.groupEnd(SUSPECT_STATUS) + choice));
    let left = choice - dead;
    for (const { record } of this.#lost.values()) if (left-- === 0) return record;
    return null;
  }

  #forgetOld(now: number): void {
    const forMs = this.#parts.layers.lookForMs;
    for (const [name, { since }] of this.#lost) {
      if (now - since < forMs) return;
      this.#lost.delete(name);
    }
  }

  /** Whether this node has met others, and none of them is alive or suspect now. */
  #isIsolated(): boolean {
    if (!this.#hasMetOthers || this.#hasLeft()) return false;
    // The one member is this node itself.
    return this.#parts.table.groupEnd(SUSPECT_STATUS) <= 1;
  }

  /** Whether this node has left; it then tries nobody. */
  #hasLeft(): boolean {
    return this.#parts.table.status(this.#parts.self) === LEFT_STATUS;
  }

  #arm(now: number, inMs: number): void {
    this.#generation++;
    this.#parts.deadlines.push(
      now + inMs * (0.75 + 0.5 * unit(this.#parts.random)),
      RECONNECT_TICK,
      0,
      this.#generation,
    );
  }
}
