import { createRequire } from "node:module";
import type { RegExpMatcher, Spend } from "@hearsay/core/serf";
import { expressionSize } from "./expression-size.ts";

/** Expressions kept compiled that were used once, and that were used again. */
export const USED_ONCE_MAX = 32;
export const USED_AGAIN_MAX = 32;

/** Building an expression, in steps of one state for one character: for each state, and at the least. */
const STATE_STEPS = 32;
const BUILD_STEPS_MIN = 1024;

/** Searching a text, in the same steps, besides its states for each character. */
const SEARCH_STEPS = 16;

/** What is used of the package `re2js`. */
interface Re2 {
  readonly RE2JS: { compile(expression: string): { matcher(text: string): { find(): boolean } } };
}

/** An expression that is ready for use. */
interface Compiled {
  readonly states: number;
  /** Null for an expression that is invalid. */
  readonly find: ((text: string) => boolean) | null;
}

/**
 * Finds regular expressions in RE2's syntax, as Go's `regexp` does, in time that grows with the expression and the text
 * and no faster. The package that does it is loaded with the first expression: most nodes never get one.
 *
 * A few expressions are kept compiled. New ones displace only expressions that were used once, so that a flood of them
 * never displaces those that are used again and again.
 */
export class Re2Matcher implements RegExpMatcher {
  readonly #once = new Map<string, Compiled>();
  readonly #again = new Map<string, Compiled>();
  #re2: Re2["RE2JS"] | null = null;

  isFound(expression: string, text: string, spend: Spend): boolean {
    const compiled = this.#compiled(expression, spend);
    if (compiled === null || compiled.find === null) return false;
    if (!spend(searchSteps(compiled.states, text.length))) return false;
    try {
      return compiled.find(text);
    } catch {
      // What the package can't search, such as text with halves of surrogate pairs, doesn't match.
      return false;
    }
  }

  /** Whether it is an expression at all; null if `spend` would not have it looked at. */
  isValid(expression: string, spend: Spend): boolean | null {
    const compiled = this.#compiled(expression, spend);
    return compiled === null ? null : compiled.find !== null;
  }

  #compiled(expression: string, spend: Spend): Compiled | null {
    const known = this.#again.get(expression) ?? this.#once.get(expression);
    if (known !== undefined) {
      this.#once.delete(expression);
      keep(this.#again, expression, known, USED_AGAIN_MAX);
      return known;
    }
    const { states, classes } = expressionSize(expression);
    if (!spend(Math.max(BUILD_STEPS_MIN, STATE_STEPS * states + classes))) return null;
    const compiled = { states, find: this.#compile(expression) };
    keep(this.#once, expression, compiled, USED_ONCE_MAX);
    return compiled;
  }

  /** Null for an expression that is invalid. */
  #compile(expression: string): Compiled["find"] {
    this.#re2 ??= load().RE2JS;
    try {
      const compiled = this.#re2.compile(expression);
      return (text) => compiled.matcher(text).find();
    } catch {
      return null;
    }
  }
}

/** What searching a text costs, in steps of one state for one character. */
export function searchSteps(states: number, textLength: number): number {
  return SEARCH_STEPS + states * (textLength + 1);
}

/** Puts an expression in the last place; whichever was used longest ago makes room. */
function keep(kept: Map<string, Compiled>, expression: string, compiled: Compiled, max: number): void {
  kept.delete(expression);
  kept.set(expression, compiled);
  if (kept.size <= max) return;
  const [oldest = ""] = kept.keys();
  kept.delete(oldest);
}

/** On first use only, and at once: who never gets a tag filter never loads it. */
function load(): Re2 {
  const require = createRequire(import.meta.url);
  return require("re2js");
}
