import { createRequire } from "node:module";
import { expressionSize } from "./expression-size.ts";

/** Building an expression, in steps: for each state, and at the least. */
const STATE_STEPS = 32;
const BUILD_STEPS_MIN = 1024;

/** Searching a text, in the same steps, besides its states for each character. */
const SEARCH_STEPS = 16;

/** What is used of the package `re2js`. */
interface Re2 {
  readonly RE2JS: { compile(expression: string): Compiled };
}

interface Compiled {
  matcher(text: string): { find(): boolean };
}

/**
 * A regular expression in RE2's syntax, as Go's `regexp` has it, for expressions that somebody else wrote: searching takes
 * time that grows with the expression and the text, and no faster, where a `RegExp` may take for ever.
 *
 * What it takes can be told beforehand, in steps of some tenth of a microsecond: one state of the expression for one
 * character. The package that does the work is loaded with the first expression.
 */
export class Re2Expression {
  readonly #compiled: Compiled;
  readonly #states: number;

  private constructor(compiled: Compiled, states: number) {
    this.#compiled = compiled;
    this.#states = states;
  }

  /** The expression of this text; null if it is none. */
  static parse(text: string): Re2Expression | null {
    try {
      return new Re2Expression(load().RE2JS.compile(text), expressionSize(text).states);
    } catch {
      return null;
    }
  }

  /** Steps that `parse` takes, at the most. Telling them takes time that grows with the length of the text and no faster. */
  static parseSteps(text: string): number {
    const { states, classes } = expressionSize(text);
    return Math.max(BUILD_STEPS_MIN, STATE_STEPS * states + classes);
  }

  /** Steps that searching a text takes, at the most. */
  searchSteps(text: string): number {
    return SEARCH_STEPS + this.#states * (text.length + 1);
  }

  /** Whether it is found anywhere in a text; never in one with halves of surrogate pairs. */
  isFoundIn(text: string): boolean {
    try {
      return this.#compiled.matcher(text).find();
    } catch {
      // What the package can't search.
      return false;
    }
  }
}

let re2: Re2 | null = null;

/** On first use only, and at once: who never gets an expression never loads it. */
function load(): Re2 {
  re2 ??= createRequire(import.meta.url)("re2js") as Re2;
  return re2;
}
