/** Who waits until the core has told the others something, by the token that the command for it got. */
export class RumorWaiters {
  readonly #waiting = new Map<number, () => void>();
  #lastToken = 0;

  /** Has `begin` give the core a command with a token of its own. Resolves once that has been told, or nobody waits any more. */
  until(begin: (token: number) => void): Promise<void> {
    return new Promise((resolve) => {
      const token = ++this.#lastToken;
      this.#waiting.set(token, resolve);
      begin(token);
    });
  }

  /** The core has told what has this token. */
  finished(token: number): void {
    const resolve = this.#waiting.get(token);
    this.#waiting.delete(token);
    resolve?.();
  }

  /** Nobody is left to be told anything. */
  settle(): void {
    for (const resolve of this.#waiting.values()) resolve();
    this.#waiting.clear();
  }
}
