import type { RegExpMatcher, Spend } from "@hearsay/core/serf";
import { Re2Expression } from "./re2-expression.ts";

/** Expressions kept compiled that were used once, and that were used again. */
export const USED_ONCE_MAX = 32;
export const USED_AGAIN_MAX = 32;

interface Kept {
  /** Null for text that is no expression. */
  readonly expression: Re2Expression | null;
}

/**
 * Finds expressions of tag filters within a budget.
 *
 * A few expressions are kept compiled. New ones displace only expressions that were used once, so that a flood of them
 * never displaces those that are used again and again.
 */
export class Re2Matcher implements RegExpMatcher {
  readonly #once = new Map<string, Kept>();
  readonly #again = new Map<string, Kept>();

  isFound(text: string, searched: string, spend: Spend): boolean {
    const expression = this.#expression(text, spend);
    return expression !== null && spend(expression.searchSteps(searched)) && expression.isFoundIn(searched);
  }

  /** Null if it is none, or `spend` would not have it looked at. */
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

/** Puts an expression in the last place; whichever was used longest ago makes room. */
function keep(kept: Map<string, Kept>, text: string, known: Kept, max: number): void {
  kept.delete(text);
  kept.set(text, known);
  if (kept.size <= max) return;
  const [oldest = ""] = kept.keys();
  kept.delete(oldest);
}
