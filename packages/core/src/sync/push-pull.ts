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
import type { EncodeQueue } from "./encode-queue.ts";
import { MERGES_MAX, type MergeOutcome, type MergeQueue } from "./merge-queue.ts";
import { pushPullScaleMs } from "./push-pull-scale.ts";

/** Rounds of another push/pull after a join, each only if the one before taught something. */
export const RESYNCS_MAX = 5;

/** How an exchange of states with one peer ended. */
export type SyncOutcome = MergeOutcome | { readonly kind: "failed"; readonly result: ExchangeResult & { ok: false } };

/** Calls an exchange off. Nothing happens if it is over. */
export type CallOff = (input: Input) => void;

/** What push/pull works with. */
export interface PushPullParts {
  readonly config: SwimConfig;
  readonly rules: Rules;
  readonly table: MemberTable;
  readonly selection: Selection;
  readonly exchanges: Exchanges;
  readonly encodes: EncodeQueue;
  readonly merges: MergeQueue;
  readonly deadlines: Deadlines;
  readonly counters: Counters;
  readonly random: Random;
  readonly self: Slot;
}

/** Exchanges whole states with peers over streams: at joins, now and then with a random member, and when asked. */
export class PushPull {
  readonly #parts: PushPullParts;
  #resyncsLeft = 0;

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

  /**
   * Sends our state to a peer and merges the answer. `done` is called once, after the merge. What is returned calls the
   * exchange off, however far it is: nothing more of it is sent or merged, and `done` is not called then.
   */
  exchange(input: Input, to: Address, isJoin: boolean, done: (input: Input, outcome: SyncOutcome) => void): CallOff {
    const { exchanges, config, counters, merges, encodes } = this.#parts;
    counters.pushPulls++;
    let token = 0;
    const send = (encoded: Input, state: Uint8Array): void => {
      // Connecting, our state and the answer have a stream timeout each.
      const deadline = encoded.now + 3 * config.streamTimeoutMs;
      token = exchanges.open(encoded, to, state, deadline, (answered, result) => {
        if (!result.ok) done(answered, { kind: "failed", result });
        else merges.add(answered, result.message, { peer: to, wasDialled: true, isJoin, done });
      });
    };
    encodes.add(input, isJoin, send);
    return (cancelled) => {
      encodes.cancel(send);
      exchanges.cancel(cancelled, token);
      merges.cancel(done);
    };
  }

  /**
   * A peer's state came in. Answers with our own, encoded before anything is merged (7.3), or with nothing: to what
   * can't be read, and while too many states are at work.
   */
  accept(input: Input, token: number, from: Address, request: Uint8Array): void {
    const { merges, encodes, counters } = this.#parts;
    if (encodes.size + merges.size >= MERGES_MAX) {
      counters.pushPullsRefused++;
      input.out.answer(token, null);
      return;
    }
    const { header } = new PushPullReader(request);
    if (isFault(header)) {
      counters.messagesRefused++;
      input.out.answer(token, null);
      return;
    }
    counters.pushPullsServed++;
    const isJoin = header.join;
    encodes.add(input, isJoin, (encoded, state) => {
      encoded.out.answer(token, state);
      merges.add(encoded, request, { peer: from, wasDialled: false, isJoin, done: () => {} });
    });
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
}
