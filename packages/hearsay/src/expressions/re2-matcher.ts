import type { RegExpMatcher, Spend } from "@hearsay/core/serf";
import { Re2Expression } from "./re2-expression.ts";

/** Most compiled expressions that are kept: used once, and used again. */
export const USED_ONCE_MAX = 32;
export const USED_AGAIN_MAX = 32;

interface Kept {
  /** Null for an invalid expression. */
  readonly expression: Re2Expression | null;
}

/**
 * Matches the expressions of tag filters within a budget.
 *
 * A few compiled expressions are kept. New ones displace only expressions that were used once, so that a flood of them
 * never displaces those that are used repeatedly.
 */
export class Re2Matcher implements RegExpMatcher {
  readonly #once = new Map<string, Kept>();
  readonly #again = new Map<string, Kept>();

  isFound(text: string, searched: string, spend: Spend): boolean {
    const expression = this.#expression(text, spend);
    return expression !== null && spend(expression.searchSteps(searched)) && expression.isFoundIn(searched);
  }

  /** Null if it is invalid, or if `spend` refuses its cost. */
  #expression(text: string, spend: Spend): Re2Expression | null {
    const known = this.#again.get(text) ?? this.#once.get(text);
    if (known !== undefined) {
      this.#once.delete(text);
      keep(this.#again, text, known, USED_AGAIN_MAX);
      return known.expression;
    }
    if (!spend(Re2Expression.parseSteps(text))) return null;
    const expression = Re2Expression.parse(text);
    keep(this.#once, text, { expression }, USED_ONCE_MAX);
    return expression;
  }
}

/** Makes an expression the most recently used one; the least recently used one makes room. */
function keep(kept: Map<string, Kept>, text: string, known: Kept, max: number): void {
  kept.delete(text);
  kept.set(text, known);
  if (kept.size <= max) return;
  const [oldest = ""] = kept.keys();
  kept.delete(oldest);
}
