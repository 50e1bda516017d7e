/** Finds in the syntax tree what makes the core's behaviour depend on more than its inputs. */
import ts from "typescript";
import { importsOf, parse } from "./imports.ts";

/**
 * Names of the environment: clocks, chance, timers, the host, and everything asynchronous or dependent on the locale.
 */
const WORLD = new Set([
  ...["Date", "performance", "Temporal", "crypto", "Intl"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"],
  ...["process", "globalThis", "console", "Buffer"],
  ...["Promise", "WeakRef", "FinalizationRegistry"],
]);

/** Properties of harmless objects that depend on chance or the locale. */
const IMPURE_PROPERTIES = new Set([
  "random",
  "localeCompare",
  "toLocaleString",
  "toLocaleLowerCase",
  "toLocaleUpperCase",
]);

/** Every use of the environment in a file, as `path:line what`. */
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

/** Whether an identifier only names a property: `job.process()` doesn't use the host's `process`. */
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

/** Reports module-level state, which two clusters in one process, or two runs of a seed, would share. */
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
