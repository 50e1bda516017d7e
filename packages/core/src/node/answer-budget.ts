/** Packets to single nodes that one datagram may cause: a compound of hundreds of messages must not cause a flood. */
const ANSWERS_PER_DATAGRAM_MAX = 8;

/** Limits the acks, relayed pings and returned accusations that one datagram may cause. */
export class AnswerBudget {
  #left = 0;

  /** Restores the budget for the next datagram. */
  refill(): void {
    this.#left = ANSWERS_PER_DATAGRAM_MAX;
  }

  get isSpent(): boolean {
    return this.#left === 0;
  }

  /** Takes one; false if there is none left. */
  take(): boolean {
    if (this.isSpent) return false;
    this.#left--;
    return true;
  }
}
