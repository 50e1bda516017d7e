import type { Address } from "../base/address.ts";
import { invariant } from "../base/invariant.ts";
import { type Call, LOCAL, type Provenance, withProvenance } from "../call/call.ts";
import type { JoinFailure } from "../call/events.ts";
import type { LayerStack } from "../layers/layer-stack.ts";
import type { PostJoinSync } from "./post-join-sync.ts";
import type { CallOff, PushPull, SyncOutcome } from "./push-pull.ts";

interface Join {
  readonly token: number;
  readonly waiting: Address[];
  /** Targets in progress, each with the function that cancels its exchange. */
  readonly active: Map<Address, CallOff>;
  readonly failures: JoinFailure[];
  contacted: number;
}

/** This node's own news, for the next gossip tick: in a cold start a whole pool joins at the same time. */
const JOINED: Provenance = { ...LOCAL, isEager: false };

/**
 * Runs joins: exchanges states with many addresses, several at a time. The reference dials them one by one, and ten
 * dead addresses cost it a minute.
 */
export class Joins {
  readonly #pushPull: PushPull;
  readonly #postJoinSync: PostJoinSync;
  readonly #layers: LayerStack;
  readonly #parallel: number;
  readonly #joins = new Map<number, Join>();

  constructor(pushPull: PushPull, postJoinSync: PostJoinSync, layers: LayerStack, parallel: number) {
    this.#pushPull = pushPull;
    this.#postJoinSync = postJoinSync;
    this.#layers = layers;
    this.#parallel = parallel;
  }

  /** Starts a join. Its `join-finished` event carries the token, which no other running join may have. */
  begin(call: Call, token: number, targets: readonly Address[]): void {
    invariant(!this.#joins.has(token), "each join has a token of its own");
    const join: Join = { token, waiting: [...targets], failures: [], contacted: 0, active: new Map() };
    this.#joins.set(token, join);
    this.#proceed(call, join);
  }

  /** Ends a join early and cancels its exchanges, so that nothing more of it is merged. */
  cancel(call: Call, token: number): void {
    const join = this.#joins.get(token);
    if (join === undefined) return;
    for (const callOff of join.active.values()) callOff(call);
    for (const target of [...join.active.keys(), ...join.waiting])
      join.failures.push({ target, reason: "cancelled", detail: "join cancelled" });
    this.#finish(call, join);
  }

  #proceed(call: Call, join: Join): void {
    while (join.active.size < this.#parallel) {
      const target = join.waiting.shift();
      if (target === undefined) break;
      const done = (merged: Call, outcome: SyncOutcome): void => this.#exchanged(merged, join, target, outcome);
      join.active.set(target, this.#pushPull.exchange(call, target, true, done));
    }
    if (join.active.size === 0) this.#finish(call, join);
  }

  #exchanged(call: Call, join: Join, target: Address, outcome: SyncOutcome): void {
    join.active.delete(target);
    if (outcome.kind === "merged") join.contacted++;
    else join.failures.push(failureOf(target, outcome));
    if (outcome.kind === "merged" && join.contacted === 1) this.#postJoinSync.joined(call);
    this.#proceed(call, join);
  }

  #finish(call: Call, join: Join): void {
    this.#joins.delete(join.token);
    const { token, contacted, failures } = join;
    // What layers gossip about the join is this node's own news, not the peer's.
    this.#layers.joinFinished(withProvenance(call, JOINED), token, contacted);
    call.out.event({ type: "join-finished", token, contacted, failures });
  }
}

function failureOf(target: Address, outcome: Exclude<SyncOutcome, { kind: "merged" }>): JoinFailure {
  if (outcome.kind === "failed") return { target, reason: outcome.result.failure, detail: outcome.result.detail };
  return { target, reason: outcome.kind === "busy" ? "refused" : outcome.kind, detail: outcome.detail };
}
