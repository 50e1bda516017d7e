/** Finds where fields of classes are read, by types and not only by names. */
import { join } from "node:path";
import ts from "typescript";
import { resolveImport } from "./imports.ts";
import { root } from "./repository.ts";

/** A field that a class increments. */
export interface CountedField {
  readonly path: string;
  readonly name: string;
  /** Whether another file reads it, directly or through an interface that its class implements. */
  readonly isRead: boolean;
}

/** Every field of these files' classes that its class increments, except `#private` ones. */
export function countedFields(paths: readonly string[]): CountedField[] {
  const program = programOf(paths);
  const checker = program.getTypeChecker();
  const accesses = paths.flatMap((path) => {
    const file = program.getSourceFile(join(root, path));
    return file === undefined ? [] : propertiesIn(file).map((node) => ({ path, node, name: node.name.text }));
  });
  // A field in a `Pick` or a similar type is another symbol with the same declaration.
  const declarationOf = (node: ts.PropertyAccessExpression): ts.Declaration | undefined =>
    checker.getSymbolAtLocation(node.name)?.valueDeclaration;
  const counted = new Map<ts.Declaration, CountedField>();
  for (const { path, node, name } of accesses) {
    const isOwn = node.expression.kind === ts.SyntaxKind.ThisKeyword;
    const declaration = isOwn && isCountedUp(node) ? declarationOf(node) : undefined;
    if (declaration !== undefined) counted.set(declaration, { path, name, isRead: false });
  }
  const names = new Set([...counted.values()].map(({ name }) => name));
  const readers = new Map<ts.Declaration, Set<string>>();
  for (const { path, node } of accesses.filter(({ name, node: one }) => names.has(name) && !isWritten(one))) {
    const declaration = declarationOf(node);
    if (declaration !== undefined) readers.set(declaration, (readers.get(declaration) ?? new Set()).add(path));
  }
  return [...counted].map(([declaration, field]) => {
    const declarations = [declaration, ...inherited(declaration, field.name, checker)];
    const isRead = declarations.some((one) => [...(readers.get(one) ?? [])].some((path) => path !== field.path));
    return { ...field, isRead };
  });
}

/** Every `x.name` of a file. */
function propertiesIn(file: ts.SourceFile): ts.PropertyAccessExpression[] {
  const found: ts.PropertyAccessExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && !ts.isPrivateIdentifier(node.name)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The same field in the types that its class implements. */
function inherited({ parent }: ts.Declaration, name: string, checker: ts.TypeChecker): ts.Declaration[] {
  if (!ts.isClassLike(parent)) return [];
  const types = (parent.heritageClauses ?? []).flatMap(({ types }) => [...types]);
  return types.flatMap((type) => checker.getTypeAtLocation(type).getProperty(name)?.valueDeclaration ?? []);
}

function isCountedUp(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) {
    return parent.operator === ts.SyntaxKind.PlusPlusToken;
  }
  const isSum = ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.PlusEqualsToken;
  return isSum && parent.left === node;
}

/** Whether an access only writes the field. */
function isWritten(node: ts.Node): boolean {
  const { parent } = node;
  const isSet = ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  return isCountedUp(node) || (isSet && parent.left === node);
}

/** A program of the files with their types, in which every import of this repository resolves to a source. */
function programOf(paths: readonly string[]): ts.Program {
  const options: ts.CompilerOptions = {
    noEmit: true,
    skipLibCheck: true,
    types: [],
    strict: true,
    lib: ["lib.es2023.d.ts"],
  };
  options.allowImportingTsExtensions = true;
  const host = ts.createCompilerHost(options, true);
  host.resolveModuleNameLiterals = (literals, containing) =>
    literals.map(({ text }) => {
      const target = resolveImport(containing.slice(root.length), text);
      const resolvedModule = { resolvedFileName: join(root, target ?? ""), extension: ts.Extension.Ts };
      return { resolvedModule: target === null ? undefined : resolvedModule };
    });
  return ts.createProgram(
    paths.map((path) => join(root, path)),
    options,
    host,
  );
}
