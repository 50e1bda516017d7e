import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { figuresOf } from "./figures.ts";
import { rowsTable, withResults } from "./results.ts";
import { row } from "./rows.ts";

const PAGE = `# Page

<!-- results: written by \`npm run bench -- joins --write\` -->
old
<!-- /results -->

between

<!-- results: written by \`npm run bench -- idle --write\` -->
<!-- /results -->
`;

describe("results in docs/design/benchmarks.md", () => {
  it("take the place of those between their own marks and of no others", () => {
    const joins = withResults(PAGE, "joins", "revision 1", ["| new |"]);
    assert.match(joins, /joins --write` -->\n\n`revision 1`\n\n\| new \|\n\n<!-- \/results -->\n\nbetween/);
    assert.doesNotMatch(joins, /old/);
    const idle = withResults(joins, "idle", "revision 2", ["| other |"]);
    assert.match(idle, /\| new \|[\s\S]*between[\s\S]*\| other \|/);
  });

  it("are refused where the page has no marks for them", () => {
    assert.throws(() => withResults(PAGE, "micro", "", []), /lacks/);
  });

  it("say the median, the spread and the number of samples, and what lies beside them if anything does", () => {
    assert.deepEqual(rowsTable([row("joins", "time", "ms", [300, 250, 400])]), [
      "| figure | unit | median | least..greatest | samples |",
      "|---|---|---:|---:|---:|",
      "| time | ms | 300 | 250..400 | 3 |",
    ]);
    assert.equal(
      rowsTable([row("pings", "a ping", "µs", [9], [90])])[2],
      "| a ping | µs | 9.00 |  | 1 | 90.0 | 0.100 |",
    );
  });
});

describe("a sample's output", () => {
  it("is its figures as JSON, and nothing else is taken for one", () => {
    const figures = [{ name: "time", unit: "ms", value: 1.5 }];
    assert.deepEqual(figuresOf(JSON.stringify(figures)), figures);
    for (const text of [
      "",
      "[]",
      "{}",
      "null",
      '[{"name":"time","unit":"ms","value":null}]',
      '[{"value":1}]',
      "1\n2",
    ]) {
      assert.throws(() => figuresOf(text), Error, text);
    }
  });
});
