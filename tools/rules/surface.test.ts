import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import ts from "typescript";
import { exists, type Package, packages, read, rewrite, root, write } from "./repository.ts";

/** The entry for sibling packages. It promises nothing to users, so its names may come and go. */
const INTERNAL = "./internal";

describe("what a published package exports is a decision, not an accident", () => {
  for (const published of packages().filter(({ manifest }) => manifest.private !== true)) {
    const { name } = published.manifest;
    const record = `tools/surface/${name.replace(/^@hearsay\//, "")}.txt`;

    it(`${name} exports exactly what ${record} lists`, () => {
      const actual = surfaceOf(published);
      if (rewrite) write(record, actual);
      const expected = exists(record) ? read(record) : "";
      const hint = "If that is meant, record it: REWRITE=1 npm test -- tools/rules/surface.test.ts";
      assert.ok(actual === expected, `${difference(expected, actual)}\n${hint}`);
    });
  }
});

/** One line for each exported name, with its entry and its kind. */
function surfaceOf({ folder, manifest }: Package): string {
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
  let text = "";
  for (const [entry, path] of declarations) {
    const file = program.getSourceFile(path);
    assert.ok(file, `${path} doesn't exist: it is an entry of ${manifest.name} and must be built`);
    const module = checker.getSymbolAtLocation(file);
    assert.ok(module, `${path} is not a module`);
    const lines = checker
      .getExportsOfModule(module)
      .map((symbol) => `${manifest.name}${entry.slice(1)} ${kindOf(symbol, checker)} ${symbol.name}\n`);
    text += lines.sort().join("");
  }
  return text;
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
