/** A budget that refills with time: `perSecond` tokens, at most `burst` saved up. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, burst: number, now: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes `count` tokens. False, and takes none, if fewer than `kept` would be left. */
  take(now: number, count: number, kept = 0): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, now - this.#at) * this.#perMs);
    this.#at = Math.max(this.#at, now);
    // A small tolerance: there must be enough tokens once the time of `msUntil` has passed.
    if (this.#tokens < count + kept - 1e-6) return false;
    this.#tokens -= count;
    return true;
  }

  /** How long after the last `take` there will be `count` tokens. */
  msUntil(count: number): number {
    return Math.max(0, (Math.min(count, this.#burst) - this.#tokens) / this.#perMs);
  }

  /** Puts back tokens that were not needed. */
  put(count: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + count);
  }
}
