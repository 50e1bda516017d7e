import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "./imports.ts";
import { type Proof, proofFault, proofsIn, testNames } from "./proofs.ts";
import { read } from "./repository.ts";

const DOCUMENT = "docs/design/requirements.md";

/** Proofs that one requirement may have: one for each of its parts. */
const PROOFS_MAX = 3;

/** Requirements that one test may prove. A test for more than this is too general to prove any of them. */
const ROWS_MAX = 8;

/** The number of requirements of each theme: 484 in all. None may be dropped or added unnoticed. */
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

  it("no test stands for more than a few", () => {
    assert.deepEqual(overburdened(requirements().map(({ proof }) => proof)), []);
  });

  it("a test that stands for everything is noticed", () => {
    const proof = 'tools/rules/links.test.ts › "a heading\'s anchor is made as GitHub makes it"';
    assert.deepEqual(overburdened(new Array(ROWS_MAX).fill(proof)), []);
    assert.deepEqual(overburdened(new Array(ROWS_MAX + 1).fill(proof)), [`${proof} stands for ${ROWS_MAX + 1}`]);
  });

  it("a proof that leads nowhere is noticed", () => {
    assert.deepEqual(faultsOf("planned"), []);
    assert.deepEqual(faultsOf('tools/rules/links.test.ts › "a heading\'s anchor is made as GitHub makes it"'), []);
    assert.deepEqual(faultsOf("planned: a second node"), []);
    assert.deepEqual(faultsOf("planned:"), ["planned: is no test file"]);
    assert.deepEqual(faultsOf("interop/src/cases/plain.ts"), []);
    assert.deepEqual(faultsOf("tools/rules/links.test.ts"), ["tools/rules/links.test.ts is a whole file"]);
    const four = new Array(4).fill("interop/src/cases/plain.ts").join("; ");
    assert.deepEqual(faultsOf(four), ["4 proofs"]);
    assert.deepEqual(faultsOf(""), ["no proof"]);
    assert.deepEqual(faultsOf("soon"), ["soon is no test file"]);
    assert.deepEqual(faultsOf("tools/rules/imports.ts"), ["tools/rules/imports.ts is no test file"]);
    assert.deepEqual(faultsOf("interop/src/serf/cases/index.ts"), ["interop/src/serf/cases/index.ts is no case"]);
    assert.deepEqual(faultsOf("interop/src/until.ts"), ["interop/src/until.ts is no case"]);
    assert.deepEqual(faultsOf("tools/rules/gone.test.ts"), ["tools/rules/gone.test.ts doesn't exist"]);
    const suite = faultsOf('tools/rules/links.test.ts › "documents link to what exists"');
    assert.deepEqual(suite, ['tools/rules/links.test.ts has no test "documents link to what exists"']);
    const unnamed = faultsOf('tools/rules/links.test.ts › "a test that isn\'t there"');
    assert.deepEqual(unnamed, ['tools/rules/links.test.ts has no test "a test that isn\'t there"']);
  });

  it("a name that is not a test's own, or of none that runs, is none", () => {
    const text = `describe("a suite", () => {
      it("one", () => assert.ok(true, "a message"));
      // it("two", () => {});
      it.${"skip"}("three", () => {});
      it(\`four\`, () => {});
      it("it's five", () => {});
    });`;
    assert.deepEqual([...testNames(parse("a.test.ts", text))], ["one", "four", "it's five"]);
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
 * The faults of a proof. A proof is `planned`, `planned:` with what is missing, or at most `PROOFS_MAX` tests as
 * `proofsIn` reads them, each by its name. A whole file is a proof only if it is a case of `interop`.
 */
function faultsOf(proof: string): string[] {
  if (proof === "planned" || /^planned: [^›]+$/.test(proof)) return [];
  if (proof === "") return ["no proof"];
  const proofs = proofsIn(proof);
  const faults = proofs.flatMap((one) => proofFault(one) ?? (isWholeSuite(one) ? [`${one.path} is a whole file`] : []));
  return proofs.length > PROOFS_MAX ? [...faults, `${proofs.length} proofs`] : faults;
}

function isWholeSuite({ path, name }: Proof): boolean {
  return name === undefined && path.endsWith(".test.ts");
}

/** Tests that more than `ROWS_MAX` requirements name. */
function overburdened(proofs: readonly string[]): string[] {
  const rows = new Map<string, number>();
  for (const proof of proofs) {
    if (proof.startsWith("planned")) continue;
    for (const { path, name } of proofsIn(proof)) {
      const test = `${path} › "${name ?? ""}"`;
      rows.set(test, (rows.get(test) ?? 0) + 1);
    }
  }
  return [...rows].flatMap(([test, count]) => (count > ROWS_MAX ? [`${test} stands for ${count}`] : []));
}
