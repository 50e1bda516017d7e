import { type Deadlines, POST_JOIN_LOOK, POST_JOIN_ROUND } from "../base/deadlines.ts";
import { type Random, unit } from "../base/random.ts";
import type { Rules } from "../base/rules.ts";
import type { Call } from "../call/call.ts";
import type { MemberTable } from "../membership/member-table.ts";
import type { PushPull } from "./push-pull.ts";

/** Limit on the rounds after a join; each follows only if the one before taught something or failed. */
export const ROUNDS_MAX = 5;

/**
 * Limit on the looks after a join at whether the view has settled: 25 to 50 ms apart, so half a second to a second in
 * all.
 */
export const LOOKS_MAX = 20;

/** Largest view with looks: in a larger one, rumors are sent often enough, and an exchange costs more. */
export const LOOKS_VIEW_MAX = 256;

/** Dependencies of `PostJoinSync`. */
export interface PostJoinSyncParts {
  readonly rules: Rules;
  readonly table: MemberTable;
  readonly deadlines: Deadlines;
  readonly random: Random;
  readonly pushPull: PushPull;
  /** Number of membership changes so far. */
  readonly changes: () => number;
}

/**
 * Exchanges states after a join, so that members that joined at the same moment are learnt now and not half a minute
 * later: gossip that starts while the views are filling up misses some of them.
 *
 * - Rounds: half a second to a second after the join, one exchange with a random member, repeated while it teaches
 *   something or fails.
 * - Looks: if others join meanwhile and the view is small, one more exchange as soon as the view has settled.
 *
 * A further join restarts both.
 */
export class PostJoinSync {
  readonly #parts: PostJoinSyncParts;
  /** Counts the joins; deadlines of earlier joins are stale. */
  #generation = 0;
  #roundsLeft = 0;
  #looksLeft = 0;
  #changesAtJoin = 0;
  #changesSeen = 0;

  constructor(parts: PostJoinSyncParts) {
    this.#parts = parts;
  }

  /** A join has merged a peer's state. */
  joined(call: Call): void {
    const { rules, changes } = this.#parts;
    if (!rules.repairs) return;
    this.#generation++;
    this.#roundsLeft = ROUNDS_MAX;
    this.#armRound(call);
    this.#changesAtJoin = changes();
    this.#changesSeen = this.#changesAtJoin;
    this.#looksLeft = LOOKS_MAX;
    this.#armLook(call);
  }

  /** The next round is due. */
  round(call: Call, generation: number): void {
    if (generation !== this.#generation) return;
    this.#roundsLeft--;
    this.#parts.pushPull.exchangeWithAny(call, (merged, outcome) => {
      const isComplete = outcome.kind === "merged" && outcome.taught === 0;
      if (generation === this.#generation && !isComplete && this.#roundsLeft > 0) this.#armRound(merged);
    });
  }

  /** The next look is due: exchanges states if others have joined and the view has settled. */
  look(call: Call, generation: number): void {
    if (generation !== this.#generation) return;
    const changes = this.#parts.changes();
    const isSettled = changes === this.#changesSeen && changes !== this.#changesAtJoin;
    this.#changesSeen = changes;
    if (isSettled) this.#parts.pushPull.exchangeWithAny(call, () => {});
    else this.#armLook(call);
  }

  #armRound(call: Call): void {
    const { deadlines, random } = this.#parts;
    deadlines.push(call.now + 500 + 500 * unit(random), POST_JOIN_ROUND, 0, this.#generation);
  }

  #armLook(call: Call): void {
    const { table, deadlines, random } = this.#parts;
    if (this.#looksLeft <= 0 || table.size > LOOKS_VIEW_MAX) return;
    this.#looksLeft--;
    deadlines.push(call.now + 25 + 25 * unit(random), POST_JOIN_LOOK, 0, this.#generation);
  }
}
