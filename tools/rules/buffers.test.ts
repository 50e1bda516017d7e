import assert from "node:assert/strict";
import { describe, it } from "node:test";
import ts from "typescript";
import { BUFFERS } from "./buffers.ts";
import { parse } from "./imports.ts";
import { files, read } from "./repository.ts";

/** Expressions that create what can grow, and types that declare it, for fields that only the constructor creates. */
const MADE = /^(?:new (?:Map|Set|Array|GrowingBuffer|ValueStream)\b|\[|\{\}$)/;
const DECLARED = /^(?:Map|Set|Array|Record)<|^(?!readonly |\(\) =>).*\[\]$/;

/** An immutable value grows only if it is created again from itself. */
const UNCHANGEABLE = /^readonly |^Readonly/;

/** Programs, and tools for an application's tests, which no peer can fill. */
const OTHERS = /\/src\/(?:demo|testing|bin|virtual)\/|\/transport\/memory-/;

describe("everything that can grow has a limit", () => {
  it("each field of a class that can grow says which row of docs/reference/limits.md bounds it, or why none has to", () => {
    const paths = files(/^packages\/(?:core|hearsay|agent)\/src\/.*\.ts$/).filter((path) => !OTHERS.test(path));
    const fields = new Set(namesOf(paths.flatMap((path) => growingFields(path))));
    const unbounded = [...fields].filter((field) => BUFFERS[field] === undefined);
    const gone = Object.keys(BUFFERS).filter((field) => !fields.has(field));
    assert.deepEqual({ unbounded, gone }, { unbounded: [], gone: [] });
  });

  it("each row that they name is there", () => {
    const rows = read("docs/reference/limits.md")
      .split("\n")
      .filter((line) => line.startsWith("| "));
    const missing = Object.values(BUFFERS).filter(
      (limit) => !limit.startsWith("own: ") && !rows.some((row) => row.startsWith(`| ${limit}`)),
    );
    assert.deepEqual([...new Set(missing)], []);
  });

  it("a field that can grow is seen wherever it is made", () => {
    const text = `class Example {
      #empty = new Map(); #typed: Map<string, number>; #list: string[]; #array = new Array(); #byKey: Record<string, number>;
      #some = [1]; #later; #text = ""; #kept: readonly string[] = []; #copied: readonly string[];
      readonly #fixed: readonly string[]; #count = 0; #name = ""; #view: ReadonlyMap<string, number>;
      constructor() { this.#later = new Set(); this.#view = new Map(); }
      add(word) { this.#text += word; this.#count += 1; this.#copied = [...this.#copied, word]; }
    }`;
    const seen = ["#empty", "#typed", "#list", "#array", "#byKey", "#some", "#later", "#text", "#kept", "#copied"];
    assert.deepEqual(
      growingFields("example.ts", text).map(({ field }) => field),
      seen.map((name) => `Example.${name}`),
    );
  });

  it("fields of the same name are told apart by their files", () => {
    const fields = [
      { path: "packages/a.ts", field: "One.#x" },
      { path: "packages/b.ts", field: "One.#x" },
      { path: "packages/b.ts", field: "Two.#x" },
    ];
    assert.deepEqual(namesOf(fields), ["One.#x, a.ts", "One.#x, b.ts", "Two.#x"]);
  });
});

interface Field {
  readonly path: string;
  /** `Class.field` */
  readonly field: string;
}

/** The names in BUFFERS: class and field, and also the file if several files have the same. */
function namesOf(fields: readonly Field[]): string[] {
  return fields.map(({ path, field }) => {
    const isAlone = fields.every((other) => other.field !== field || other.path === path);
    return isAlone ? field : `${field}, ${path.replace("packages/", "")}`;
  });
}

/** Each field that can grow. */
function growingFields(path: string, text?: string): Field[] {
  const found: Field[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node)) {
      const assigned = assignments(node);
      for (const member of node.members.filter(ts.isPropertyDeclaration)) {
        const name = member.name.getText();
        if (canGrow(member, assigned.get(name) ?? [])) found.push({ path, field: `${node.name?.text ?? ""}.${name}` });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return found;
}

function canGrow({ name, type, initializer }: ts.PropertyDeclaration, assigned: readonly Assignment[]): boolean {
  const declared = type?.getText() ?? "";
  const initial = initializer?.getText() ?? "";
  if (MADE.test(initial) || DECLARED.test(declared)) return true;
  if (UNCHANGEABLE.test(declared)) return assigned.some(({ value }) => value.includes(`...this.${name.getText()}`));
  const isText = declared === "string" || /^["'`]/.test(initial);
  return assigned.some(({ value, isAppended }) => (isAppended ? isText : MADE.test(value)));
}

interface Assignment {
  readonly value: string;
  readonly isAppended: boolean;
}

/** The assignments of a class to its fields, by their names. */
function assignments(owner: ts.ClassLikeDeclaration): Map<string, Assignment[]> {
  const found = new Map<string, Assignment[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && ts.isPropertyAccessExpression(node.left)) {
      const { expression, name } = node.left;
      const isAppended = node.operatorToken.kind === ts.SyntaxKind.PlusEqualsToken;
      if (expression.kind === ts.SyntaxKind.ThisKeyword && (isAppended || isAssignment(node))) {
        const known = found.get(name.text) ?? [];
        found.set(name.text, [...known, { value: node.right.getText(), isAppended }]);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(owner);
  return found;
}

function isAssignment({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.EqualsToken || kind === ts.SyntaxKind.QuestionQuestionEqualsToken;
}
