import ts from "typescript";
import type { Mutation } from "../mutation.ts";
import { bodyOf, inPlaceOf, insertedAt, nodesBelow } from "../syntax.ts";

/** Methods that dispatch messages by a `switch` over their kind, and what they return if they ignore one. */
const SWITCHES = [
  { file: /\/node\/receiver\.ts$/, method: "message", nothing: "return;" },
  { file: /\/layers\/serf\/serf\.ts$/, method: "#dispatch", nothing: "return;" },
  { file: /\/layers\/messaging\/messaging\.ts$/, method: "#heard", nothing: "return true;" },
];

/** Methods that compare the kind in single conditions. */
const COMPARISONS = [
  { file: /\/node\/stream-server\.ts$/, methods: ["serve", "#answer"] },
  { file: /\/layers\/serf\/queries\/incoming-queries\.ts$/, methods: ["#handleInternal"] },
];

/** Maps from the kind. */
const MAPS = [{ file: /\/layers\/serf\/queries\/incoming-queries\.ts$/, name: "KEY_OPERATIONS" }];

/** Each kind of message ignored. */
export function messages(source: ts.SourceFile): Mutation[] {
  const isHere = ({ file }: { readonly file: RegExp }): boolean => file.test(source.fileName);
  return [
    ...SWITCHES.filter(isHere).flatMap(({ method, nothing }) => inSwitch(source, bodyOf(source, method), nothing)),
    ...COMPARISONS.filter(isHere).flatMap(({ methods }) =>
      methods.flatMap((method) => inComparisons(bodyOf(source, method))),
    ),
    ...MAPS.filter(isHere).flatMap(({ name }) => inMap(source, name)),
  ];
}

/** The first clause of a kind applies, so an empty one before all others ignores it. */
function inSwitch(source: ts.SourceFile, body: ts.Block, nothing: string): Mutation[] {
  return nodesBelow(body, ts.isCaseClause).flatMap(({ expression, statements, parent }) => {
    if (statements[0]?.getText() === nothing) return [];
    const kind = expression.getText();
    const clause = ` case ${kind}: ${nothing}`;
    return insertedAt(source, parent.getStart() + 1, `message ${unquoted(kind)} ignored`, clause, [unquoted(kind)]);
  });
}

function inComparisons(body: ts.Block): Mutation[] {
  return nodesBelow(body, ts.isBinaryExpression)
    .filter(({ operatorToken }) => operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken)
    .filter(({ right }) => ts.isIdentifier(right) && /^[A-Z_]+$/.test(right.text))
    .map((comparison) => {
      const kind = comparison.right.getText();
      return inPlaceOf(comparison, `message ${kind} ignored`, "false", [kind]);
    });
}

function inMap(source: ts.SourceFile, name: string): Mutation[] {
  const [map] = nodesBelow(source, ts.isVariableDeclaration).filter((declared) => declared.name.getText() === name);
  if (map === undefined) throw new Error(`${source.fileName} has no ${name}`);
  return nodesBelow(map, ts.isArrayLiteralExpression)
    .filter(({ parent }) => ts.isArrayLiteralExpression(parent))
    .map((entry) => {
      const kind = entry.elements[0]?.getText() ?? "";
      return inPlaceOf(entry, `message ${kind} ignored`, '["", "list"]', [kind]);
    });
}

function unquoted(text: string): string {
  return text.replaceAll('"', "");
}
