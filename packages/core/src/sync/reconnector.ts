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

/** Lost members remembered at the most; the oldest go first. */
export const LOST_MAX = 4096;
/** First wait after this node finds itself alone; it doubles up to the heal interval. */
const ISOLATION_BACKOFF_MS = 1000;

/** What healing works with. */
export interface ReconnectorParts {
  readonly config: SwimConfig;
  /** Says for how long the lost are tried. */
  readonly layers: Pick<LayerStack, "lookForMs">;
  readonly table: MemberTable;
  readonly self: Slot;
  readonly namedPings: NamedPings;
  readonly pushPull: PushPull;
  readonly deadlines: Deadlines;
  readonly random: Random;
}

/**
 * The way back after a partition. The reference forgets the dead after half a minute and nobody speaks to them again;
 * here each node goes on trying those it lost, first with a ping by name, which another product on a reused address does
 * not answer, then with a push/pull. Whoever left on purpose is left alone.
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

  /** Lost members that are remembered. They are in no push/pull and in no count of members. */
  get size(): number {
    return this.#lost.size;
  }

  start(now: number): void {
    this.#arm(now, this.#parts.config.healIntervalMs);
  }

  /** A member was forgotten by the table while dead. */
  lose(record: MemberRecord, now: number): void {
    this.#lost.set(record.name, { record, since: now });
    if (this.#lost.size <= LOST_MAX) return;
    for (const oldest of this.#lost.keys()) {
      this.#lost.delete(oldest);
      break;
    }
  }

  /** A member is here, or has left for good. */
  found(name: string): void {
    this.#lost.delete(name);
    this.#hasMetOthers = true;
    this.#isolatedTicks = 0;
  }

  /** A member was lost: if it was the last one, don't wait for the slow tick. */
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

  /** With probability lost/alive, so that a large pool together makes about one try an interval for each lost member. */
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

  /** There were others, and none of them is alive or might be. */
  #isIsolated(): boolean {
    if (!this.#hasMetOthers || this.#hasLeft()) return false;
    // The one is this node itself.
    return this.#parts.table.groupEnd(SUSPECT_STATUS) <= 1;
  }

  /** Whoever has said goodbye misses nobody. */
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
