/** The words of one command, taken from left to right. What doesn't fit throws an error for the story's reader. */
export class Words {
  readonly #words: string[];

  constructor(text: string) {
    this.#words = text.match(/"[^"]*"|\S+/g) ?? [];
  }

  get isAtEnd(): boolean {
    return this.#words.length === 0;
  }

  /** The next word; `what` says what it should be. */
  next(what: string): string {
    const word = this.#words.shift();
    if (word === undefined) throw new Error(`${what} is missing`);
    return word;
  }

  /** Takes the next word if it is this one. */
  skip(word: string): boolean {
    if (this.#words[0] !== word) return false;
    this.#words.shift();
    return true;
  }

  /** All words up to the next one of `ends`, which stays, or to the end. At least one. */
  until(ends: readonly string[], what: string): string[] {
    const found = [this.next(what)];
    while (this.#words[0] !== undefined && !ends.includes(this.#words[0])) found.push(this.next(what));
    return found;
  }

  rest(what: string): string[] {
    return this.until([], what);
  }

  number(what: string): number {
    return numberIn(this.next(what), /^(\d+)$/, what);
  }

  /** A time with its unit, in milliseconds. */
  duration(): number {
    const what = "a time, such as 500ms or 2s";
    const word = this.next(what);
    return word.endsWith("ms") ? numberIn(word, /^(\d+)ms$/, what) : 1000 * numberIn(word, /^(\d+)s$/, what);
  }

  /** A text in quotes, as bytes. */
  text(): Uint8Array {
    const word = this.next("a text in quotes");
    const inner = word.match(/^"([^"]*)"$/)?.[1];
    if (inner === undefined) throw new Error(`${word} is no text in quotes`);
    return new TextEncoder().encode(inner);
  }

  end(): void {
    if (!this.isAtEnd) throw new Error(`${this.next("")} is one word too many`);
  }
}

function numberIn(word: string, pattern: RegExp, what: string): number {
  const digits = word.match(pattern)?.[1];
  if (digits === undefined) throw new Error(`${word} is not ${what}`);
  return Number(digits);
}
