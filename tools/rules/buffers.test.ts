import assert from "node:assert/strict";
import { describe, it } from "node:test";
import ts from "typescript";
import { BUFFERS } from "./buffers.ts";
import { parse } from "./imports.ts";
import { files, read } from "./repository.ts";

/** What grows. Tables of a fixed length, which the constructor makes, don't. */
const GROWS = /^(?:new (?:Map|Set|GrowingBuffer|ValueStream)\b|\[\]$)/;

/** Programs and tests of an application, which nobody else fills. */
const OTHERS = /\/src\/(?:demo|testing|bin|virtual)\/|\/transport\/memory-/;

describe("everything that can grow has a limit", () => {
  it("each field of a class that can grow says which row of docs/limits.md bounds it, or why none has to", () => {
    const fields = new Set(files(/^packages\/(?:core|hearsay|agent)\/src\/.*\.ts$/).flatMap(growingFields));
    const unbounded = [...fields].filter((field) => BUFFERS[field] === undefined);
    const gone = Object.keys(BUFFERS).filter((field) => !fields.has(field));
    assert.deepEqual({ unbounded, gone }, { unbounded: [], gone: [] });
  });

  it("each row that they name is there", () => {
    const rows = read("docs/limits.md")
      .split("\n")
      .filter((line) => line.startsWith("| "));
    const missing = Object.values(BUFFERS).filter(
      (limit) => !limit.startsWith("own: ") && !rows.some((row) => row.startsWith(`| ${limit}`)),
    );
    assert.deepEqual([...new Set(missing)], []);
  });
});

/** `Class.field` of each field that is made empty and can grow. */
function growingFields(path: string): string[] {
  if (OTHERS.test(path)) return [];
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyDeclaration(node) && ts.isClassLike(node.parent)) {
      const made = node.initializer?.getText() ?? "";
      if (GROWS.test(made)) found.push(`${node.parent.name?.text ?? ""}.${node.name.getText()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path));
  return found;
}
