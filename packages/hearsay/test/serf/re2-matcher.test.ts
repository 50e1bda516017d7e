import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Re2Matcher } from "../../dist/serf/re2-matcher.js";

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

const path = fileURLToPath(new URL("../../test/serf/re2-table.json", import.meta.url));
const { texts, rows }: Table = JSON.parse(readFileSync(path, "utf8"));

/** One name for two groups: Go takes it since 1.26 or before, the package doesn't. */
const OTHERWISE = "(?P<n>a)(?P<n>b)";

describe("expressions of tag filters", () => {
  it("are those of Go, and are found where Go finds them", () => {
    const matcher = new Re2Matcher();
    assert.ok(rows.length > 100);
    for (const { expression, isValid, foundIn } of rows) {
      if (expression === OTHERWISE) continue;
      assert.equal(matcher.isValid(expression), isValid, `${JSON.stringify(expression)} is valid`);
      const found = texts.flatMap((text, i) => (matcher.isFound(expression, text) ? [i] : []));
      assert.deepEqual(found, foundIn, JSON.stringify(expression));
    }
  });

  it("that would keep a backtracking matcher busy for ever come to an end", () => {
    const matcher = new Re2Matcher();
    assert.equal(matcher.isFound("^(a|aa|a?)*(a*)*$", `${"a".repeat(500)}!`), false);
  });

  it("don't stay for ever: of many only the last are kept", () => {
    const matcher = new Re2Matcher();
    for (let i = 0; i < 700; i++) assert.equal(matcher.isFound(`^x{${i % 50}}y${i}$`, "z"), false);
  });
});
