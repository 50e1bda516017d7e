import type { Address } from "../address.ts";
import type { SwimConfig } from "../config.ts";
import type { Counters } from "../counters.ts";
import { type Deadlines, PUSH_PULL_TICK, RESYNC } from "../deadlines.ts";
import type { Exchanges } from "../exchanges.ts";
import type { Input } from "../input.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Selection } from "../membership/selection.ts";
import type { ExchangeResult } from "../outbox.ts";
import { type Random, unit } from "../random.ts";
import type { Rules } from "../rules.ts";
import { isFault } from "../wire/faults.ts";
import { PushPullReader } from "../wire/push-pull.ts";
import { PushPullWriter } from "../wire/push-pull-writer.ts";
import { MERGES_MAX, type MergeOutcome, type MergeQueue } from "./merge-queue.ts";
import { pushPullScaleMs } from "./push-pull-scale.ts";

/** Rounds of another push/pull after a join, each only if the one before taught something. */
export const RESYNCS_MAX = 5;

/** How an exchange of states with one peer ended. */
export type SyncOutcome = MergeOutcome | { readonly kind: "failed"; readonly result: ExchangeResult & { ok: false } };

/** What push/pull works with. */
export interface PushPullParts {
  readonly config: SwimConfig;
  readonly rules: Rules;
  readonly table: MemberTable;
  readonly selection: Selection;
  readonly exchanges: Exchanges;
  readonly merges: MergeQueue;
  readonly deadlines: Deadlines;
  readonly counters: Counters;
  readonly random: Random;
  readonly self: Slot;
  readonly localUserState: (isJoin: boolean) => Uint8Array;
}

/** Exchanges whole states with peers over streams: at joins, now and then with a random member, and when asked. */
export class PushPull {
  readonly #parts: PushPullParts;
  #resyncsLeft = 0;
  #bytesPerMember = 96;

  constructor(parts: PushPullParts) {
    this.#parts = parts;
  }

  start(now: number): void {
    const { config, random, deadlines } = this.#parts;
    if (config.pushPullIntervalMs > 0) deadlines.push(now + unit(random) * config.pushPullIntervalMs, PUSH_PULL_TICK);
  }

  /** The periodic exchange (docs/protocol/memberlist.md, section 18). */
  tick(input: Input): void {
    const { config, table, deadlines } = this.#parts;
    deadlines.push(input.now + pushPullScaleMs(config.pushPullIntervalMs, table.size), PUSH_PULL_TICK);
    this.#withRandomMember(input, () => {});
  }

  /** Sends our state to a peer and merges the answer. `done` is called once, after the merge. */
  exchange(input: Input, to: Address, isJoin: boolean, done: (input: Input, outcome: SyncOutcome) => void): void {
    const { exchanges, config, counters, merges } = this.#parts;
    counters.pushPulls++;
    // Connecting, our state and the answer have a stream timeout each.
    const deadline = input.now + 3 * config.streamTimeoutMs;
    exchanges.open(input, to, this.#state(isJoin), deadline, (answered, result) => {
      if (!result.ok) done(answered, { kind: "failed", result });
      else merges.add(answered, result.message, { peer: to, wasDialled: true, isJoin, done });
    });
  }

  /** A peer's state came in: our answer, encoded before anything is merged (7.3). None while too many are merged. */
  accept(input: Input, from: Address, request: Uint8Array): Uint8Array | undefined {
    const { merges, counters } = this.#parts;
    if (merges.size >= MERGES_MAX) {
      counters.pushPullsRefused++;
      return undefined;
    }
    const { header } = new PushPullReader(request);
    if (isFault(header)) {
      counters.messagesRefused++;
      return undefined;
    }
    counters.pushPullsServed++;
    const isJoin = header.join;
    const answer = this.#state(isJoin);
    merges.add(input, request, { peer: from, wasDialled: false, isJoin, done: () => {} });
    return answer;
  }

  /**
   * Half a second to a second after a join, one more exchange with a random member, and again while that teaches
   * something: whoever joined at the same moment is learnt now and not in half a minute.
   */
  scheduleResync(input: Input): void {
    if (!this.#parts.rules.repairs) return;
    this.#resyncsLeft = RESYNCS_MAX;
    this.#armResync(input);
  }

  resync(input: Input): void {
    if (this.#resyncsLeft <= 0) return;
    this.#resyncsLeft--;
    this.#withRandomMember(input, (merged, outcome) => {
      if (outcome.kind === "merged" && outcome.taught > 0 && this.#resyncsLeft > 0) this.#armResync(merged);
    });
  }

  #armResync(input: Input): void {
    this.#parts.deadlines.push(input.now + 500 + 500 * unit(this.#parts.random), RESYNC);
  }

  #withRandomMember(input: Input, done: (input: Input, outcome: SyncOutcome) => void): void {
    const { selection, self, table } = this.#parts;
    if (selection.alive(1, self) === 0) return;
    this.exchange(input, table.record(selection.chosen[0] as number).address, false, done);
  }

  /** Everything that this node knows (7.3). */
  #state(isJoin: boolean): Uint8Array {
    const { table } = this.#parts;
    const userState = this.#parts.localUserState(isJoin);
    // The last state tells how long a member is here; a little more than that, and the buffer never grows.
    const bytesExpected = 1024 + Math.ceil(table.size * this.#bytesPerMember * 1.02) + userState.length;
    const writer = new PushPullWriter(isJoin, table.size, userState, "v2", bytesExpected);
    for (let place = 0; place < table.size; place++) {
      const slot = table.at(place);
      const { name, address, meta, versions } = table.record(slot);
      const metaOrNil = meta.length === 0 ? null : meta;
      writer.node(name, address.ip, address.port, metaOrNil, table.incarnation(slot), table.status(slot), versions);
    }
    const state = writer.finish();
    this.#bytesPerMember = (state.length - userState.length) / table.size;
    return state;
  }
}
