import type { Address } from "../base/address.ts";
import type { SwimConfig } from "../base/config.ts";
import type { Counters } from "../base/counters.ts";
import { type Deadlines, PUSH_PULL_TICK } from "../base/deadlines.ts";
import { type Random, unit } from "../base/random.ts";
import type { Rules } from "../base/rules.ts";
import type { Call } from "../call/call.ts";
import type { Exchanges } from "../call/exchanges.ts";
import type { ExchangeResult } from "../call/outbox.ts";
import type { MemberTable, Slot } from "../membership/member-table.ts";
import type { Selection } from "../membership/selection.ts";
import type { MessageDecoder } from "../wire/decode.ts";
import { isFault } from "../wire/faults.ts";
import { PushPullReader } from "../wire/push-pull.ts";
import type { EncodeQueue } from "./encode-queue.ts";
import { MERGES_MAX, type MergeOutcome, type MergeQueue } from "./merge-queue.ts";
import { pushPullScaleMs } from "./push-pull-scale.ts";

/** How an exchange of states with one peer ended. */
export type SyncOutcome = MergeOutcome | { readonly kind: "failed"; readonly result: ExchangeResult & { ok: false } };

/** Cancels an exchange. Does nothing if it is over. */
export type CallOff = (call: Call) => void;

/** Dependencies of `PushPull`. */
export interface PushPullParts {
  readonly config: SwimConfig;
  readonly rules: Rules;
  readonly table: MemberTable;
  readonly selection: Selection;
  readonly exchanges: Exchanges;
  readonly decoder: MessageDecoder;
  readonly encodes: EncodeQueue;
  readonly merges: MergeQueue;
  readonly deadlines: Deadlines;
  readonly counters: Counters;
  readonly random: Random;
  readonly self: Slot;
}

/** Exchanges whole states with peers over streams: at joins, periodically with a random member, and on request. */
export class PushPull {
  readonly #parts: PushPullParts;

  constructor(parts: PushPullParts) {
    this.#parts = parts;
  }

  start(now: number): void {
    const { config, random, deadlines } = this.#parts;
    if (config.pushPullIntervalMs > 0) deadlines.push(now + unit(random) * config.pushPullIntervalMs, PUSH_PULL_TICK);
  }

  /** The periodic exchange (docs/protocol/memberlist.md, section 18). */
  tick(call: Call): void {
    const { config, table, deadlines } = this.#parts;
    deadlines.push(call.now + pushPullScaleMs(config.pushPullIntervalMs, table.size), PUSH_PULL_TICK);
    this.exchangeWithAny(call, () => {});
  }

  /**
   * Sends our state to a peer and merges the answer. Calls `done` once, after the merge or a failure. The returned
   * function cancels the exchange at any stage: nothing more of it is sent or merged, and `done` is not called.
   */
  exchange(call: Call, to: Address, isJoin: boolean, done: (call: Call, outcome: SyncOutcome) => void): CallOff {
    const { exchanges, config, counters, merges, encodes } = this.#parts;
    counters.pushPulls++;
    let token = 0;
    const send = (encoded: Call, state: Uint8Array): void => {
      // Connecting, sending our state and receiving the answer each get one stream timeout.
      const deadline = encoded.now + 3 * config.streamTimeoutMs;
      token = exchanges.open(encoded, to, state, deadline, (answered, result) => {
        if (!result.ok) done(answered, { kind: "failed", result });
        else merges.add(answered, result.message, { peer: to, wasDialled: true, isJoin, done });
      });
    };
    encodes.add(call, isJoin, send);
    return (cancelled) => {
      encodes.cancel(send);
      exchanges.cancel(cancelled, token);
      merges.cancel(done);
    };
  }

  /**
   * Handles a peer's state. Answers with our own, encoded before the peer's is merged (7.3). Answers with nothing if
   * the request can't be read, or if the states in progress are too many or too long.
   */
  accept(call: Call, token: number, from: Address, request: Uint8Array): void {
    const { merges, encodes, counters, decoder } = this.#parts;
    if (encodes.size + merges.size >= MERGES_MAX || !merges.hasRoomFor(request)) {
      counters.pushPullsRefused++;
      call.out.answer(token, null);
      return;
    }
    const { header } = new PushPullReader(request, decoder);
    if (isFault(header)) {
      counters.messagesRefused++;
      call.out.answer(token, null);
      return;
    }
    counters.pushPullsServed++;
    const isJoin = header.join;
    merges.hold(request);
    encodes.add(call, isJoin, (encoded, state) => {
      merges.release(request);
      encoded.out.answer(token, state);
      merges.add(encoded, request, { peer: from, wasDialled: false, isJoin, done: () => {} });
    });
  }

  /** Exchanges states with a random alive member. Without one, does nothing and doesn't call `done`. */
  exchangeWithAny(call: Call, done: (call: Call, outcome: SyncOutcome) => void): void {
    const { selection, self, table } = this.#parts;
    if (selection.alive(1, self) === 0) return;
    this.exchange(call, table.record(selection.chosen[0] as number).address, false, done);
  }
}
