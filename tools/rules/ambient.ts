/** What makes a core's behaviour depend on more than its inputs, found in the syntax tree. */
import ts from "typescript";
import { importsOf, parse } from "./imports.ts";

/** Names of the surrounding world: clocks, chance, timers, the host, and whatever runs later or by locale. */
const WORLD = new Set([
  ...["Date", "performance", "Temporal", "crypto", "Intl"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"],
  ...["process", "globalThis", "console", "Buffer"],
  ...["Promise", "WeakRef", "FinalizationRegistry"],
]);

/** Properties that bring chance or the locale in by an otherwise harmless object. */
const IMPURE_PROPERTIES = new Set([
  "random",
  "localeCompare",
  "toLocaleString",
  "toLocaleLowerCase",
  "toLocaleUpperCase",
]);

/** Every use of the ambient world in a file, each as `path:line what`. */
export function ambientUses(path: string, text?: string): string[] {
  const file = parse(path, text);
  const found: string[] = [];
  const report = (node: ts.Node, what: string): void => {
    found.push(`${path}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1} ${what}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && WORLD.has(node.text) && !isPropertyName(node)) report(node, node.text);
    if (ts.isPropertyAccessExpression(node)) reportProperty(node, report);
    if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) report(node, "async");
    ts.forEachChild(node, visit);
  };
  visit(file);
  for (const statement of file.statements) if (ts.isVariableStatement(statement)) reportState(statement, report);
  for (const { specifier } of importsOf(path, text)) {
    if (!specifier.startsWith(".")) found.push(`${path} imports ${specifier}`);
  }
  return found;
}

/** Whether an identifier only names a property, so that `job.process()` is no use of the host's `process`. */
function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  const isMember =
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent);
  return isMember && parent.name === node;
}

function reportProperty(node: ts.PropertyAccessExpression, report: (node: ts.Node, what: string) => void): void {
  const name = node.name.text;
  const isChance = name !== "random" || node.expression.getText() === "Math";
  if (IMPURE_PROPERTIES.has(name) && isChance) report(node, name);
}

/** Module-level state outlives every instance: two clusters in one process, or two runs of a seed, would share it. */
function reportState(statement: ts.VariableStatement, report: (node: ts.Node, what: string) => void): void {
  if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0) {
    report(statement, "module-level variable that can be assigned");
    return;
  }
  for (const { initializer, type } of statement.declarationList.declarations) {
    const isCollection =
      initializer !== undefined &&
      ts.isNewExpression(initializer) &&
      /^(?:Weak)?(?:Map|Set)$/.test(initializer.expression.getText()) &&
      !/^Readonly/.test(type?.getText() ?? "");
    if (isCollection && (initializer.arguments?.length ?? 0) === 0) report(initializer, "module-level collection");
  }
}
