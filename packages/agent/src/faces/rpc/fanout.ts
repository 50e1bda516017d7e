import type { TurnQueue } from "../../base/turn-queue.ts";
import type { ByteAccount } from "./byte-budget.ts";

/** Occurrences that wait for some follower; further ones are dropped. */
export const OCCURRENCES_MAX = 4096;

/** Work of one slice, in microseconds, roughly. */
const SLICE_MICROS = 500;

/** Cost of handing an occurrence to one follower, besides the follower's own work. */
const FOLLOWER_MICROS = 2;

/** Takes an occurrence; returns its own work in microseconds, roughly. */
export type Follower<T> = (occurrence: T) => number;

/**
 * Hands occurrences to all followers, in order, one slice a turn, so that the loop goes on however many followers there
 * are.
 */
export class Fanout<T> {
  /** Occurrences that were dropped before they reached any follower. */
  dropped = 0;
  readonly #turns: TurnQueue;
  readonly #account: ByteAccount;
  readonly #waiting: { readonly occurrence: T; readonly bytes: number; readonly number: number }[] = [];
  /** For each follower the number of its first occurrence. */
  readonly #followers = new Map<Follower<T>, number>();
  /** The follower that gets the first waiting occurrence next. */
  #next: MapIterator<[Follower<T>, number]> | null = null;
  #count = 0;

  constructor(turns: TurnQueue, account: ByteAccount) {
    this.#turns = turns;
    this.#account = account;
  }

  /** Returns a function that removes the follower. */
  follow(follower: Follower<T>): () => void {
    this.#followers.set(follower, this.#count);
    return () => this.#followers.delete(follower);
  }

  /** `bytes` is the cost of keeping the occurrence. */
  publish(occurrence: T, bytes: number): void {
    if (this.#followers.size === 0) return;
    if (this.#waiting.length >= OCCURRENCES_MAX || !this.#account.tryAdd(bytes)) {
      this.dropped++;
      return;
    }
    this.#waiting.push({ occurrence, bytes, number: this.#count++ });
    if (this.#waiting.length === 1) this.#goOn();
  }

  #goOn(): void {
    this.#turns.run(SLICE_MICROS, () => this.#slice());
  }

  #slice(): void {
    let micros = 0;
    while (micros < SLICE_MICROS) {
      const [head] = this.#waiting;
      if (head === undefined) return;
      this.#next ??= this.#followers.entries();
      const next = this.#next.next();
      if (next.done === true) {
        this.#waiting.shift();
        this.#next = null;
        this.#account.release(head.bytes);
        continue;
      }
      const [take, first] = next.value;
      micros += FOLLOWER_MICROS;
      if (first <= head.number) micros += take(head.occurrence);
    }
    this.#goOn();
  }
}
