import { createRequire } from "node:module";
import type { RegExpMatcher } from "@hearsay/core/serf";

/** Expressions that are kept compiled; the one compiled longest ago goes first. */
export const COMPILED_MAX = 64;

/** What is used of the package `re2js`. */
interface Re2 {
  readonly RE2JS: { compile(expression: string): { matcher(text: string): { find(): boolean } } };
}

/**
 * Finds regular expressions in RE2's syntax, as Go's `regexp` does, in time that grows with the expression and the text
 * and no faster. The package that does it is loaded with the first expression: most nodes never get one.
 */
export class Re2Matcher implements RegExpMatcher {
  readonly #compiled = new Map<string, ((text: string) => boolean) | null>();
  #re2: Re2["RE2JS"] | null = null;

  isFound(expression: string, text: string): boolean {
    try {
      return this.#finder(expression)?.(text) ?? false;
    } catch {
      // What the package can't search, such as text with halves of surrogate pairs, doesn't match.
      return false;
    }
  }

  /** Whether it is an expression at all. */
  isValid(expression: string): boolean {
    return this.#finder(expression) !== null;
  }

  #finder(expression: string): ((text: string) => boolean) | null {
    const known = this.#compiled.get(expression);
    if (known !== undefined) return known;
    const finder = this.#compile(expression);
    this.#compiled.set(expression, finder);
    if (this.#compiled.size > COMPILED_MAX) {
      const [oldest = ""] = this.#compiled.keys();
      this.#compiled.delete(oldest);
    }
    return finder;
  }

  /** Null for an expression that is invalid. */
  #compile(expression: string): ((text: string) => boolean) | null {
    this.#re2 ??= load().RE2JS;
    try {
      const compiled = this.#re2.compile(expression);
      return (text) => compiled.matcher(text).find();
    } catch {
      return null;
    }
  }
}

/** On first use only, and at once: who never gets a tag filter never loads it. */
function load(): Re2 {
  const require = createRequire(import.meta.url);
  return require("re2js");
}
