import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exists, read } from "./repository.ts";

const DOCUMENT = "docs/requirements.md";

/** How many requirements each theme has: 484 in all. None may be dropped, and none comes in unnoticed. */
const THEMES: Readonly<Record<string, number>> = {
  ...{ MEM: 62, DIS: 35, AE: 19, HE: 15, PS: 18, OV: 15, NS: 16, DSC: 21, CFG: 44, SEC: 20, MET: 25, API: 21, TOP: 22 },
  ...{ PAR: 11, AGG: 4, PHI: 2, FLP: 3, EDG: 5, ML: 6, K8S: 15, TRB: 26, BP: 17, PERF: 29, CODE: 24, TXT: 9 },
};

interface Requirement {
  readonly id: string;
  readonly proof: string;
}

describe("every requirement is accounted for", () => {
  it("each of the 484 stands in the table exactly once, in order", () => {
    const expected = Object.entries(THEMES).flatMap(([theme, count]) =>
      Array.from({ length: count }, (_, index) => `${theme}-${String(index + 1).padStart(2, "0")}`),
    );
    assert.equal(expected.length, 484);
    assert.deepEqual(
      requirements().map(({ id }) => id),
      expected,
    );
  });

  it("each is planned, or proved by tests that exist", () => {
    assert.deepEqual(
      requirements().flatMap(({ id, proof }) => faultsOf(proof).map((fault) => `${id}: ${fault}`)),
      [],
    );
  });

  it("a proof that leads nowhere is noticed", () => {
    assert.deepEqual(faultsOf("planned"), []);
    assert.deepEqual(faultsOf('tools/rules/links.test.ts › "a heading\'s anchor is made as GitHub makes it"'), []);
    assert.deepEqual(faultsOf("tools/rules/links.test.ts; tools/rules/words.test.ts"), []);
    assert.deepEqual(faultsOf(""), ["no proof"]);
    assert.deepEqual(faultsOf("soon"), ["soon is no test file"]);
    assert.deepEqual(faultsOf("tools/rules/imports.ts"), ["tools/rules/imports.ts is no test file"]);
    assert.deepEqual(faultsOf("tools/rules/gone.test.ts"), ["tools/rules/gone.test.ts doesn't exist"]);
    const unnamed = faultsOf('tools/rules/links.test.ts › "a test that isn\'t there"');
    assert.deepEqual(unnamed, ['tools/rules/links.test.ts has no test "a test that isn\'t there"']);
  });
});

/** The rows of all tables whose first cell is an id, with their last cell as the proof. */
function requirements(): Requirement[] {
  return read(DOCUMENT)
    .split("\n")
    .filter((line) => /^\| [A-Z0-9]+-\d+ \|/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .map((cells) => ({ id: cells[1] ?? "", proof: cells.at(-2) ?? "" }));
}

/**
 * What is wrong with a proof. It is the word `planned`, or files and tests with semicolons between them:
 * `packages/core/test/merge.test.ts › "the name of a test"; interop/src/cases/join.ts`.
 */
function faultsOf(proof: string): string[] {
  if (proof === "planned") return [];
  if (proof === "") return ["no proof"];
  return proof.split(/;\s*(?=[\w.@/-]+(?:$|;| ›))/).flatMap((part) => {
    const [path = "", name] = part.split(" › ").map((text) => text.trim());
    if (!/\.test\.ts$|^interop\/src\/.*\.ts$/.test(path)) return [`${path} is no test file`];
    if (!exists(path)) return [`${path} doesn't exist`];
    if (name === undefined) return [];
    const words = name.replace(/^"(.*)"$/, "$1").replaceAll("\\|", "|");
    return holds(path, words) ? [] : [`${path} has no test "${words}"`];
  });
}

/** Whether a string literal of any kind in the file is the test's name. */
function holds(path: string, name: string): boolean {
  const text = read(path);
  return ['"', "'", "`"].some((quote) => text.includes(quote + name.replaceAll(quote, `\\${quote}`) + quote));
}
