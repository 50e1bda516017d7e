/** What one datagram may make this node send to single nodes: a compound of hundreds must not make us a flood. */
const ANSWERS_PER_DATAGRAM_MAX = 8;

/** Answers, errands and returned accusations that the datagram in hand may still cause. */
export class AnswerBudget {
  #left = 0;

  /** The next datagram came in. */
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
