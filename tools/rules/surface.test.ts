import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import ts from "typescript";
import { exists, type Package, packages, read, rewrite, root, write } from "./repository.ts";

/** The entry for sibling packages. It is not stable for users, so its names may change. */
const INTERNAL = "./internal";

const CORE = "@hearsay/core";

/** Members that whoever has an object doesn't see. */
const HIDDEN = new Set([ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword, ts.SyntaxKind.StaticKeyword]);

/** What stands for its members alone, each of which is looked at: nobody needs its name. A new one is a decision, too. */
const TRANSPARENT = new Set([
  ...["ClusterObject", "ClusterMembership", "SharedCalls", "SerfCall", "MemberlistCall"],
  "NoData",
]);

describe("what a published package exports is a decision, not an accident", () => {
  for (const published of packages().filter(({ manifest }) => manifest.private !== true)) {
    const { name } = published.manifest;
    const record = `tools/surface/${name.replace(/^@hearsay\//, "")}.txt`;

    // Layers use the core's internals, until future layers show what a layer needs.
    if (name !== CORE) {
      it(`${name} exports every type that what it exports is made of`, () => {
        assert.deepEqual(unnamedTypes(published), []);
      });
    }

    it(`${name} exports exactly what ${record} lists`, () => {
      const actual = surfaceOf(published);
      if (rewrite) write(record, actual);
      const expected = exists(record) ? read(record) : "";
      const hint = "If that is meant, record it: REWRITE=1 npm test -- tools/rules/surface.test.ts";
      assert.ok(actual === expected, `${difference(expected, actual)}\n${hint}`);
    });
  }
});

describe("a type that is not exported", () => {
  it("is found however it is named, and also where an exported one has its name", () => {
    const manifest = { name: "fixture", exports: { ".": "./index.js" } };
    assert.deepEqual(
      unnamedTypes({ folder: "tools/rules/fixtures/surface", manifest }),
      ["Hidden", "HiddenArgument", "HiddenImport", "Local", "Message", "hiddenValue"].map(
        (name) => `${name}, of Message`,
      ),
    );
  });
});

/** A package as TypeScript sees it, and the modules of its entries. */
function open({ folder, manifest }: Package): { checker: ts.TypeChecker; modules: [entry: string, ts.Symbol][] } {
  const entries = Object.entries(manifest.exports ?? {}).filter(([entry]) => entry !== INTERNAL);
  const declarations = new Map(
    entries.map(([entry, target]) => [
      entry,
      join(root, folder, typeof target === "string" ? target.replace(/\.js$/, ".d.ts") : (target.types ?? "")),
    ]),
  );
  const program = ts.createProgram([...declarations.values()], {
    module: ts.ModuleKind.Node20,
    target: ts.ScriptTarget.ES2022,
    noEmit: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const modules = [...declarations].map(([entry, path]): [string, ts.Symbol] => {
    const file = program.getSourceFile(path);
    assert.ok(file, `${path} doesn't exist: it is an entry of ${manifest.name} and must be built`);
    const module = checker.getSymbolAtLocation(file);
    assert.ok(module, `${path} is not a module`);
    return [entry, module];
  });
  return { checker, modules };
}

/** One line for each exported name, with its entry and its kind. */
function surfaceOf(published: Package): string {
  const { checker, modules } = open(published);
  const { manifest } = published;
  let text = "";
  for (const [entry, module] of modules) {
    const lines = checker
      .getExportsOfModule(module)
      .map((symbol) => `${manifest.name}${entry.slice(1)} ${kindOf(symbol, checker)} ${symbol.name}\n`);
    text += lines.sort().join("");
  }
  return text;
}

/**
 * Our types that an exported declaration names and no entry exports, as `Type, of Declaration`. Exports of a package that
 * it depends on count, except the core's: services don't install that by name.
 */
function unnamedTypes(published: Package): string[] {
  const { checker, modules } = open(published);
  const exported = modules.flatMap(([, module]) => checker.getExportsOfModule(module));
  const installed = packages().filter(({ manifest }) => manifest.name !== CORE && dependsOn(published, manifest.name));
  const others = installed
    .flatMap(open)
    .flatMap(({ checker, modules }) =>
      modules.flatMap(([, module]) =>
        checker.getExportsOfModule(module).map((symbol) => placeOf(original(symbol, checker))),
      ),
    );
  const known = new Set([...exported.map((symbol) => placeOf(original(symbol, checker))), ...others]);
  const missing = new Set<string>();
  for (const symbol of exported) {
    const isValue = !(symbol.declarations ?? []).every(isTypeOnly);
    const seen = new Set<ts.Symbol>();
    const visit = (node: ts.Node): void => {
      // Whoever gets an object but no class can't construct one.
      if (ts.isConstructorDeclaration(node) && !isValue) return;
      if (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => HIDDEN.has(kind)) === true) return;
      if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.KeyOfKeyword) return;
      // A member's type can be named by its path; the type that it is a member of need not be.
      if (ts.isIndexedAccessTypeNode(node)) {
        const { objectType, indexType } = node;
        for (const argument of ts.isTypeReferenceNode(objectType) ? (objectType.typeArguments ?? []) : [])
          visit(argument);
        return visit(indexType);
      }
      const name = nameIn(node);
      const found = name === null ? undefined : checker.getSymbolAtLocation(name);
      const type = found === undefined ? undefined : original(found, checker);
      if (type !== undefined && isOurs(type) && !known.has(placeOf(type))) {
        if (!TRANSPARENT.has(type.name)) missing.add(`${type.name}, of ${symbol.name}`);
        else if (!seen.has(type)) {
          seen.add(type);
          for (const declaration of type.declarations ?? []) visit(declaration);
        }
      }
      ts.forEachChild(node, visit);
    };
    for (const declaration of original(symbol, checker).declarations ?? []) visit(declaration);
  }
  return [...missing].sort();
}

function dependsOn({ manifest }: Package, name: string): boolean {
  return Object.hasOwn(manifest.dependencies ?? {}, name);
}

/** Where a type is declared: the same in all programs. */
function placeOf({ declarations }: ts.Symbol): string {
  const [declaration] = declarations ?? [];
  return declaration === undefined ? "" : `${declaration.getSourceFile().fileName}:${declaration.pos}`;
}

/** The name of a type that a node refers to; null for other nodes. */
function nameIn(node: ts.Node): ts.Node | null {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isExpressionWithTypeArguments(node)) return node.expression;
  if (ts.isTypeQueryNode(node)) return node.exprName;
  return ts.isImportTypeNode(node) ? (node.qualifier ?? null) : null;
}

function original(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isTypeOnly(declaration: ts.Declaration): boolean {
  return ts.isExportSpecifier(declaration) && (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly);
}

/** Whether a symbol is declared in a package of this repository, and is no type parameter. */
function isOurs({ declarations }: ts.Symbol): boolean {
  return (declarations ?? []).some(
    (declaration) =>
      !ts.isTypeParameterDeclaration(declaration) &&
      /^(?:packages|tools\/rules\/fixtures)\//.test(relative(root, declaration.getSourceFile().fileName)),
  );
}

function kindOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  if (flags & ts.SymbolFlags.Class) return "class";
  if (flags & ts.SymbolFlags.Function) return "function";
  if (flags & ts.SymbolFlags.Variable) return "const";
  if (flags & ts.SymbolFlags.Interface) return "interface";
  if (flags & ts.SymbolFlags.TypeAlias) return "type";
  return "other";
}

function difference(expected: string, actual: string): string {
  const before = new Set(expected.split("\n"));
  const after = new Set(actual.split("\n"));
  const removed = [...before].filter((line) => !after.has(line)).map((line) => `- ${line}`);
  const added = [...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`);
  return ["the exported surface changed:", ...removed, ...added].join("\n");
}
