/**
 * Lifeguard's local health: how much this node distrusts itself (docs/protocol/memberlist.md, section 15). 0 is
 * healthy; each point stretches the probe interval and its deadline by one more interval.
 */
export class Awareness {
  readonly #limit: number;
  #score = 0;

  /** The score stays below `limit`; with a limit of 1 it stays 0. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get score(): number {
    return this.#score;
  }

  /** The factor of intervals and deadlines. */
  get factor(): number {
    return this.#score + 1;
  }

  /** Adds `delta`, within 0 to limit - 1. */
  apply(delta: number): void {
    this.#score = Math.min(this.#limit - 1, Math.max(0, this.#score + delta));
  }
}
