/** Functions on the syntax tree for all kinds of mutations. */
import ts from "typescript";
import type { Mutation } from "./mutation.ts";

/** A mutation in place of a node. */
export function inPlaceOf(node: ts.Node, name: string, replacement: string, hints: readonly string[]): Mutation {
  const source = node.getSourceFile();
  return { name, file: source.fileName, start: node.getStart(source), end: node.getEnd(), replacement, hints };
}

/** A mutation that inserts text at a position. */
export function insertedAt(
  source: ts.SourceFile,
  position: number,
  name: string,
  replacement: string,
  hints: readonly string[],
): Mutation {
  return { name, file: source.fileName, start: position, end: position, replacement, hints };
}

/** Every node below one that `pick` accepts, in the order of the text. */
export function nodesBelow<T extends ts.Node>(root: ts.Node, pick: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (pick(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** The place of a node, as a reader would search for it: `Membership.#raise`, `transmitLimit`; else the file's name. */
export function placeOf(node: ts.Node): string {
  const names: string[] = [];
  for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) {
    if (ts.isConstructorDeclaration(at)) names.unshift("constructor");
    else if (isNamedPlace(at) && at.name !== undefined) names.unshift(at.name.getText());
  }
  return names.length > 0 ? names.join(".") : stemOf(node.getSourceFile().fileName);
}

function isNamedPlace(node: ts.Node): node is ts.ClassDeclaration | ts.FunctionDeclaration | ts.ClassElement {
  return ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isClassElement(node);
}

/** A file's name without folder and extension. */
export function stemOf(file: string): string {
  return file.replace(/^.*\//, "").replace(/\.ts$/, "");
}

/** The constants that a module declares at its top level. */
export function constantsOf(source: ts.SourceFile): (ts.VariableDeclaration & { readonly name: ts.Identifier })[] {
  return source.statements
    .filter((statement) => ts.isVariableStatement(statement))
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .filter((declaration): declaration is ts.VariableDeclaration & { readonly name: ts.Identifier } =>
      ts.isIdentifier(declaration.name),
    );
}

/**
 * The body of the function or method of this name. Throws if there is none: a kind of mutation that finds nothing would
 * prove nothing.
 */
export function bodyOf(source: ts.SourceFile, name: string): ts.Block {
  const [found] = nodesBelow(source, ts.isFunctionLike).filter((node) => node.name?.getText() === name);
  const body = found !== undefined && "body" in found ? found.body : undefined;
  if (body === undefined || !ts.isBlock(body)) throw new Error(`${source.fileName} has no function ${name}`);
  return body;
}

/** The last name in an expression: the same for `due.SUSPICION` and `SUSPICION`. */
export function lastName(node: ts.Node | undefined): string {
  return node?.getText().match(/[#\w]+$/)?.[0] ?? "";
}

/** Numbers mutations with the same name in one file, from the second on. */
export function numbered(mutations: readonly Mutation[]): Mutation[] {
  const seen = new Map<string, number>();
  return mutations.map((mutation) => {
    const key = `${mutation.file} ${mutation.name}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1 ? mutation : { ...mutation, name: `${mutation.name}, ${count}` };
  });
}
