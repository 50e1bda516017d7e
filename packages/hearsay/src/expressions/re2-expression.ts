import { createRequire } from "node:module";
import { expressionSize } from "./expression-size.ts";

/** Steps of compiling an expression: per state, and at least. */
const STATE_STEPS = 32;
const BUILD_STEPS_MIN = 1024;

/** Steps of searching a text, in addition to the states for each character. */
const SEARCH_STEPS = 16;

/** The part of the package `re2js` that is used. */
interface Re2 {
  readonly RE2JS: { compile(expression: string): Compiled };
}

interface Compiled {
  matcher(text: string): { find(): boolean };
}

/**
 * A regular expression in RE2's syntax, as in Go's `regexp`, for untrusted expressions: searching takes time linear in
 * the expression and the text, where a `RegExp` may take for ever.
 *
 * The cost can be computed in advance, in steps of about a tenth of a microsecond: one state of the expression for one
 * character. The package `re2js` is loaded with the first expression.
 */
export class Re2Expression {
  readonly #compiled: Compiled;
  readonly #states: number;

  private constructor(compiled: Compiled, states: number) {
    this.#compiled = compiled;
    this.#states = states;
  }

  /** Compiles an expression; null if it is invalid. */
  static parse(text: string): Re2Expression | null {
    try {
      return new Re2Expression(load().RE2JS.compile(text), expressionSize(text).states);
    } catch {
      return null;
    }
  }

  /** Most steps that `parse` takes. Computing them takes linear time. */
  static parseSteps(text: string): number {
    const { states, classes } = expressionSize(text);
    return Math.max(BUILD_STEPS_MIN, STATE_STEPS * states + classes);
  }

  /** Most steps that searching a text takes. */
  searchSteps(text: string): number {
    return SEARCH_STEPS + this.#states * (text.length + 1);
  }

  /** Whether the expression matches anywhere in a text; false for a text with lone surrogates. */
  isFoundIn(text: string): boolean {
    try {
      return this.#compiled.matcher(text).find();
    } catch {
      // The package can't search this text.
      return false;
    }
  }
}

let re2: Re2 | null = null;

/** Loads the package synchronously, on first use only. */
function load(): Re2 {
  re2 ??= createRequire(import.meta.url)("re2js") as Re2;
  return re2;
}
