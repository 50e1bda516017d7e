/** Waits until the core has told a rumor, by the token of the command that started it. */
export class RumorWaiters {
  readonly #waiting = new Map<number, () => void>();
  #lastToken = 0;

  /**
   * Calls `begin` with a new token for a command to the core. Resolves once its rumor has been told, or on `settle`.
   */
  until(begin: (token: number) => void): Promise<void> {
    return new Promise((resolve) => {
      const token = ++this.#lastToken;
      this.#waiting.set(token, resolve);
      begin(token);
    });
  }

  /** The core has told the rumor with this token. */
  finished(token: number): void {
    const resolve = this.#waiting.get(token);
    this.#waiting.delete(token);
    resolve?.();
  }

  /** Resolves all waits: there are no others to tell. */
  settle(): void {
    for (const resolve of this.#waiting.values()) resolve();
    this.#waiting.clear();
  }
}
