/** Reads the imports of files from the syntax tree. */
import ts from "typescript";
import { exists, packages, read } from "./repository.ts";

export interface Import {
  /** As written, for example `./address.ts` or `@hearsay/core/wire`. */
  readonly specifier: string;
  /** Imported or re-exported names; null means all of them. */
  readonly names: readonly string[] | null;
  /** Whether only types are imported, which leaves no trace in the compiled module. */
  readonly isType: boolean;
  readonly isReexport: boolean;
}

export function parse(path: string, text: string = read(path)): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
}

const known = new Map<string, Import[]>();

/** Every static and dynamic import, re-export and `import("…")` type of a file, or of the text given for it. */
export function importsOf(path: string, text?: string): Import[] {
  if (text !== undefined) return readImports(parse(path, text));
  const imports = known.get(path) ?? readImports(parse(path));
  known.set(path, imports);
  return imports;
}

function readImports(file: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ specifier: node.moduleSpecifier.text, ...importedNames(node.importClause), isReexport: false });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      const elements = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : null;
      const names = elements?.map((element) => (element.propertyName ?? element.name).text) ?? null;
      const isType = node.isTypeOnly || (elements?.every((element) => element.isTypeOnly) ?? false);
      found.push({ specifier: node.moduleSpecifier.text, names, isType, isReexport: true });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      const specifier = argument && ts.isStringLiteralLike(argument) ? argument.text : "(computed)";
      found.push({ specifier, names: null, isType: false, isReexport: false });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const { literal } = node.argument;
      const specifier = ts.isStringLiteral(literal) ? literal.text : "(computed)";
      found.push({ specifier, names: null, isType: true, isReexport: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function importedNames(clause: ts.ImportClause | undefined): { names: readonly string[] | null; isType: boolean } {
  if (clause === undefined) return { names: null, isType: false };
  const { namedBindings } = clause;
  const isType = clause.phaseModifier === ts.SyntaxKind.TypeKeyword;
  if (clause.name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) {
    return { names: null, isType };
  }
  return {
    names: namedBindings.elements.map((element) => (element.propertyName ?? element.name).text),
    isType: isType || namedBindings.elements.every((element) => element.isTypeOnly),
  };
}

/** The source file that a specifier leads to; null for Node's modules, installed packages and what doesn't exist. */
export function resolveImport(from: string, specifier: string): string | null {
  if (specifier.startsWith(".")) {
    const path = new URL(specifier, `file:///${from}`).pathname.slice(1);
    return exists(path) ? path : null;
  }
  const name = packageOf(specifier);
  const target = packages().find((candidate) => candidate.manifest.name === name);
  const entry = target?.manifest.exports?.[`.${specifier.slice(name.length)}`];
  if (target === undefined || entry === undefined) return null;
  const compiledPath = typeof entry === "string" ? entry : (entry.default ?? "");
  return `${target.folder}/${sourceOf(compiledPath)}`;
}

/** `@hearsay/core/wire` belongs to the package `@hearsay/core`. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** `./dist/wire/index.js` is compiled from `src/wire/index.ts`. */
function sourceOf(compiledPath: string): string {
  return compiledPath.replace(/^\.\/dist\//, "src/").replace(/(?:\.d\.ts|\.js)$/, ".ts");
}

/**
 * The files that a file imports. An import from an entry that only re-exports also counts as an import of the file that
 * declares the name.
 */
export function importedFiles(path: string): Set<string> {
  const found = new Set<string>();
  for (const { specifier, names } of importsOf(path)) {
    const target = resolveImport(path, specifier);
    if (target === null) continue;
    found.add(target);
    if (names !== null) for (const file of declaringFiles(target, names)) found.add(file);
  }
  return found;
}

function declaringFiles(entry: string, names: readonly string[], seen: Set<string> = new Set()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const reexport of importsOf(entry)) {
    if (!reexport.isReexport || (reexport.names !== null && !reexport.names.some((name) => names.includes(name))))
      continue;
    const target = resolveImport(entry, reexport.specifier);
    if (target !== null) declaringFiles(target, names, seen);
  }
  return seen;
}
