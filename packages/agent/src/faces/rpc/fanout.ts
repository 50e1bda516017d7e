import type { TurnQueue } from "../../base/turn-queue.ts";
import type { ByteAccount } from "./byte-budget.ts";

/** What happened and was not yet handed to all who follow; what happens beyond it is dropped. */
export const OCCURRENCES_MAX = 4096;

/** Work of one slice, in microseconds or so. */
const SLICE_MICROS = 500;

/** Handing something to one follower, besides what it makes of it. */
const FOLLOWER_MICROS = 2;

/** Takes what happened; returns the work that it did, in microseconds or so. */
export type Follower<T> = (occurrence: T) => number;

/**
 * Hands what happens to all who follow, in order, a slice of them a turn: however many they are, the loop goes on in between.
 */
export class Fanout<T> {
  /** What happened and was handed to nobody, or not to all. */
  dropped = 0;
  readonly #turns: TurnQueue;
  readonly #account: ByteAccount;
  readonly #waiting: { readonly occurrence: T; readonly bytes: number; readonly number: number }[] = [];
  /** The number of the first occurrence that each is to be handed. */
  readonly #followers = new Map<Follower<T>, number>();
  /** Who is next to be handed the first of those that wait. */
  #next: MapIterator<[Follower<T>, number]> | null = null;
  #count = 0;

  constructor(turns: TurnQueue, account: ByteAccount) {
    this.#turns = turns;
    this.#account = account;
  }

  /** Returns what ends it. */
  follow(follower: Follower<T>): () => void {
    this.#followers.set(follower, this.#count);
    return () => this.#followers.delete(follower);
  }

  /** `bytes` is what it costs to keep. */
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
