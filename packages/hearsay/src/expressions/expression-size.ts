/** The size of an expression in RE2's syntax, estimated before it is compiled: an upper bound. */
export interface ExpressionSize {
  /** States of its program, with repetitions expanded. */
  readonly states: number;
  /** Steps for the code points and tables of its character classes, one for each code point. */
  readonly classes: number;
}

/** Steps for a Unicode table, such as that of all letters. */
const TABLE_STEPS = 8192;

/** Under `(?i)` each code point of a range is looked up. A range may have this many cased ones, one step each. */
const FOLDED_STEPS = 131_072;

/** Steps for a group with a few ASCII ranges: `\d`, `\w`, `[:alpha:]`. */
const GROUP_STEPS = 128;

/** Far more than any budget allows: nested repetitions aren't multiplied beyond this. */
const STATES_MAX = 1e9;

/** Estimates an upper bound of an expression's size, in linear time. */
export function expressionSize(expression: string): ExpressionSize {
  return new Estimate(expression).run();
}

/** The contents of a pair of parentheses. */
interface Group {
  states: number;
  /** States of the item that a repetition would repeat; included in `states`. */
  last: number;
}

/** `(?i)`, `(?i:`, `(?:`, `(?P<name>` and `(?<name>`. */
const FLAGS = /\(\?[imsU]*(?:-[imsU]+)?([:)])/y;
const NAMED = /\(\?P?<\w+>/y;
const REPEAT = /\{(\d+)(?:,(\d*))?\}/y;
const ANY_REPEAT = /\{(\d+)(?:,(\d*))?\}/g;
/** No table has a longer name. An unbounded search for the end would take quadratic time for many unclosed names. */
const TABLE = /\\[pP](?:\{[^}]{0,64}\}|[^{])/y;
const CODE_POINT = /\\x\{[0-9A-Fa-f]*\}/y;
const ASCII_NAME = /\[:\^?[a-z]+:\]/y;

/** One pass over an expression. Invalid text gets an estimate, too; compiling it fails early. */
class Estimate {
  readonly #text: string;
  readonly #isFolded: boolean;
  readonly #outer: Group[] = [];
  #group: Group = { states: 2, last: 0 };
  #classes = 0;
  /** The structure is unclear, so it can't be used for the bound. */
  #isUnclear = false;

  constructor(text: string) {
    this.#text = text;
    this.#isFolded = /\(\?[A-Za-z]*i/.test(text);
  }

  run(): ExpressionSize {
    let at = 0;
    while (at < this.#text.length) at = this.#step(at);
    while (this.#outer.length > 0) this.#close();
    const states = this.#isUnclear ? unstructured(this.#text) : this.#group.states;
    return { states, classes: this.#classes };
  }

  /** Reads the item at a position, and returns the position of the next. */
  #step(at: number): number {
    switch (this.#text[at]) {
      case "(":
        return this.#open(at);
      case ")":
        if (this.#outer.length > 0) this.#close();
        return at + 1;
      case "[":
        return this.#class(at);
      case "\\":
        return this.#escape(at);
      case "|":
        this.#group.states++;
        this.#group.last = 0;
        return at + 1;
      case "*":
      case "+":
      case "?":
        this.#group.states += 2;
        this.#group.last += 2;
        return at + 1;
      case "{":
        return this.#repeat(at);
      default:
        this.#atom(1);
        return at + 1;
    }
  }

  #atom(states: number): void {
    this.#group.states += states;
    this.#group.last = states;
  }

  #open(at: number): number {
    if (this.#text[at + 1] !== "?") {
      this.#begin();
      return at + 1;
    }
    const flags = matchAt(FLAGS, this.#text, at);
    if (flags !== null) {
      // Flags alone can't be repeated: a repetition applies to the item before them.
      if (flags[1] === ":") this.#begin();
      return at + flags[0].length;
    }
    const named = matchAt(NAMED, this.#text, at);
    this.#begin();
    this.#isUnclear ||= named === null;
    return at + (named?.[0].length ?? 2);
  }

  #begin(): void {
    this.#outer.push(this.#group);
    this.#group = { states: 2, last: 0 };
  }

  #close(): void {
    const { states } = this.#group;
    this.#group = this.#outer.pop() ?? this.#group;
    this.#atom(states);
  }

  #repeat(at: number): number {
    const found = matchAt(REPEAT, this.#text, at);
    if (found === null) {
      this.#atom(1);
      return at + 1;
    }
    const { last } = this.#group;
    const repeated = Math.min(STATES_MAX, written(found, last));
    this.#group.states += repeated - last;
    this.#group.last = repeated;
    return at + found[0].length;
  }

  #escape(at: number): number {
    const next = this.#text[at + 1];
    if (next === "Q") return this.#quoted(at + 2);
    this.#atom(next === "p" || next === "P" ? 2 : 1);
    return this.#escaped(at);
  }

  /** `\Q` to `\E`: the text between is literal. */
  #quoted(at: number): number {
    const end = this.#text.indexOf("\\E", at);
    const until = end < 0 ? this.#text.length : end;
    if (until === at) return end < 0 ? until : until + 2;
    this.#group.states += until - at;
    this.#group.last = 1;
    return end < 0 ? until : until + 2;
  }

  /** The end of an escape, inside a class or outside. */
  #escaped(at: number): number {
    const table = matchAt(TABLE, this.#text, at);
    if (table !== null) {
      this.#classes += this.#isFolded ? FOLDED_STEPS : TABLE_STEPS;
      return at + table[0].length;
    }
    const codePoint = matchAt(CODE_POINT, this.#text, at);
    if (codePoint !== null) return at + codePoint[0].length;
    if (/[dswDSW]/.test(this.#text[at + 1] ?? "")) this.#classes += GROUP_STEPS;
    return at + 2;
  }

  #class(start: number): number {
    let at = this.#text[start + 1] === "^" ? start + 2 : start + 1;
    const first = at;
    // Tables take longer to search than other classes.
    let states = 1;
    while (at < this.#text.length && (this.#text[at] !== "]" || at === first)) {
      const code = this.#text.charCodeAt(at);
      const isEscape = this.#text[at] === "\\";
      const named = matchAt(ASCII_NAME, this.#text, at);
      if (isEscape && /[pP]/.test(this.#text[at + 1] ?? "")) states = 2;
      // A range may begin or end here. Only ranges within ASCII are known to be short.
      const isWide = code > 127 || (isEscape && /[xDSWpP0-7]/.test(this.#text[at + 1] ?? "")) || named?.[0][2] === "^";
      if (this.#isFolded && isWide) this.#classes += FOLDED_STEPS;
      this.#classes += named === null ? (this.#isFolded ? GROUP_STEPS : 1) : GROUP_STEPS;
      this.#isUnclear ||= named === null && (code === 0x5b || code === 0x28 || code === 0x29);
      if (named !== null) at += named[0].length;
      else at = isEscape ? this.#escaped(at) : at + 1;
    }
    this.#atom(states);
    return at + 1;
  }
}

/** States of an expanded repetition: the required copies, and the optional ones. */
function written([, least = "0", most]: RegExpExecArray, states: number): number {
  const min = Number(least);
  const optional = Math.max(0, Number(most ?? 0) - min);
  return Math.max(1, min) * states + optional * (states + 1) + 2;
}

/** A bound without structure: each character may be inside all repetitions. */
function unstructured(text: string): number {
  let times = 1;
  for (const [, least = "0", most = "0"] of text.matchAll(ANY_REPEAT)) {
    times = Math.min(STATES_MAX, times * (Math.max(Number(least), Number(most)) + 1));
  }
  return 4 * (text.length + 1) * times;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
