import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { expressionSize } from "../../dist/expressions/expression-size.js";
import { Re2Matcher } from "../../dist/expressions/re2-matcher.js";
import { Re2Expression } from "../../dist/index.js";

/** What Go 1.26 makes of each expression (interop/re2-table). */
interface Table {
  readonly texts: readonly string[];
  readonly rows: readonly {
    readonly expression: string;
    readonly isValid: boolean;
    /** Positions in `texts`. */
    readonly foundIn: readonly number[];
  }[];
}

const path = fileURLToPath(new URL("../../test/expressions/re2-table.json", import.meta.url));
const { texts, rows }: Table = JSON.parse(readFileSync(path, "utf8"));

/** One name for two groups: Go takes it since 1.26 or before, the package doesn't. */
const OTHERWISE = "(?P<n>a)(?P<n>b)";

const EXPRESSION_SIZE = new URL("../../dist/expressions/expression-size.js", import.meta.url).href;

const WITHOUT_END = ["(", ")", "[", "[:", "\\Q", "{1000}", "a{9}", "{1,", "(?", "(?i", "(?P<n", "\\p{", "\\x{"];

const grants = (): boolean => true;

/** The work that a call asks for, one number for each time. */
function asksFor(call: (spend: (work: number) => boolean) => unknown): number[] {
  const asked: number[] = [];
  call((work) => asked.push(work) > 0);
  return asked;
}

describe("expressions of tag filters", () => {
  it("are those of Go, and are found where Go finds them", () => {
    const matcher = new Re2Matcher();
    assert.ok(rows.length > 100);
    for (const { expression, isValid, foundIn } of rows) {
      if (expression === OTHERWISE) continue;
      const parsed = Re2Expression.parse(expression);
      assert.equal(parsed !== null, isValid, `${JSON.stringify(expression)} is valid`);
      const found = texts.flatMap((text, i) => (matcher.isFound(expression, text, grants) ? [i] : []));
      assert.deepEqual(found, foundIn, JSON.stringify(expression));
      assert.deepEqual(
        texts.flatMap((text, i) => (parsed?.isFoundIn(text) ? [i] : [])),
        foundIn,
      );
    }
  });

  it("that would keep a backtracking matcher busy for ever come to an end", () => {
    const matcher = new Re2Matcher();
    assert.equal(matcher.isFound("^(a|aa|a?)*(a*)*$", `${"a".repeat(500)}!`, grants), false);
  });

  it("cost what they come to once repetitions are written out, and for each text their states times its length", () => {
    const [build = 0, search = 0] = asksFor((spend) => new Re2Matcher().isFound("(a{10}b){10}", "x".repeat(9), spend));
    assert.ok(build >= 32 * 110 && build < 32 * 220, String(build));
    assert.ok(search >= 110 * 10 && search < 220 * 10, String(search));
  });

  it("are neither built nor searched for once their cost is refused", () => {
    const matcher = new Re2Matcher();
    assert.equal(
      matcher.isFound("web", "web", () => false),
      false,
    );
    let asked = 0;
    assert.equal(
      matcher.isFound("web", "web", () => ++asked < 2),
      false,
    );
    assert.equal(asked, 2);
    // It has been built by then.
    assert.equal(asksFor((spend) => matcher.isFound("web", "web", spend)).length, 1);
  });

  it("are looked at once, also where they turn out to be none", () => {
    const matcher = new Re2Matcher();
    const asked = [1, 2, 3].map(() => asksFor((spend) => matcher.isFound("(", "web", spend)).length);
    assert.deepEqual(asked, [1, 0, 0]);
  });

  it("stay built while they are used again, whatever comes between", () => {
    const matcher = new Re2Matcher();
    matcher.isFound("^web$", "web", grants);
    matcher.isFound("^web$", "web", grants);
    for (let i = 0; i < 700; i++) matcher.isFound(`^db-${i}$`, "web", grants);
    assert.equal(asksFor((spend) => matcher.isFound("^web$", "web", spend)).length, 1);
    // Of those that were used once only the last are left.
    assert.equal(asksFor((spend) => matcher.isFound("^db-699$", "web", spend)).length, 1);
    assert.equal(asksFor((spend) => matcher.isFound("^db-660$", "web", spend)).length, 2);
  });
});

/** Expressions with everything that makes a program longer, of a few hundred states at most. */
const expressions: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(
      "a",
      ".",
      "\\d",
      "\\W",
      "[a-c]",
      "[^]x]",
      "[[:alpha:]-]",
      "^",
      "$",
      "\\b",
      "\\.",
      "é",
      "\\x{61}",
      "{",
    ),
    fc
      .tuple(tie("node"), fc.constantFrom("*", "+", "?", "*?", "{2}", "{3,}", "{0,4}", "{0}", "{,2}"))
      .map((p) => p.join("")),
    fc.tuple(tie("node"), tie("node")).map((parts) => parts.join("")),
    fc.tuple(tie("node"), tie("node")).map((parts) => parts.join("|")),
    fc
      .tuple(fc.constantFrom("(", "(?:", "(?i:", "(?P<n>", "(?<n>", "(?i)(", "\\Q(\\E("), tie("node"))
      .map(([open, inner]) => `${open}${inner})`),
  ),
})).node;

describe("the estimate of an expression's size", () => {
  it("is never less than the program that it becomes", () => {
    let valid = 0;
    const check = (expression: string): void => {
      let size: number;
      try {
        size = RE2JS.compile(expression).programSize();
      } catch {
        return;
      }
      valid++;
      const { states } = expressionSize(expression);
      assert.ok(states + 2 >= size, `${JSON.stringify(expression)}: ${states} for ${size}`);
    };
    for (const { expression } of rows) check(expression);
    fc.assert(fc.property(expressions, check), { numRuns: 3000 });
    assert.ok(valid > 1000, `only ${valid} were valid`);
  });

  it("is near what common expressions become", () => {
    for (const expression of ["^web-[0-9]+$", "us|eu|ap", "(?i)web", "^v[0-9]{1,3}\\.[0-9]{1,3}$", "[[:alpha:]]+"]) {
      const { states, classes } = expressionSize(expression);
      assert.ok(states <= 3 * RE2JS.compile(expression).programSize() + 4, `${expression}: ${states}`);
      assert.ok(classes <= 512, `${expression}: ${classes}`);
    }
  });

  it("tells that tables of Unicode, and ranges of it in which case is ignored, take long to build", () => {
    for (const expression of ["\\pL", "[\\p{Greek}]"])
      assert.ok(expressionSize(expression).classes >= 8192, expression);
    for (const expression of ["(?i)\\pL", "(?i)[a-é]", "(?i)[^\\W]", "(?i)[\\x{61}-z]"]) {
      assert.ok(expressionSize(expression).classes >= 100_000, expression);
    }
  });

  it("takes a time that grows with the text and no faster, whatever stands there without an end", async () => {
    // Seconds at the most, and most of an hour if one of them took the square of its length.
    const code = `
      import { expressionSize } from ${JSON.stringify(EXPRESSION_SIZE)};
      for (const text of ${JSON.stringify(WITHOUT_END)}) {
        if (!(expressionSize(text.repeat(300_000)).states > 0)) throw new Error(text);
      }`;
    const args = ["--input-type=module", "--eval", code];
    await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  });
});
