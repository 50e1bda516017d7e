import assert from "node:assert/strict";
import { isBuiltin } from "node:module";
import { describe, it } from "node:test";
import { importsOf, packageOf, resolveImport } from "./imports.ts";
import { files, packages } from "./repository.ts";

/** Which of our packages each package may import, tests aside. A new package gets its place here first. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "@hearsay/core": [],
  hearsay: ["@hearsay/core"],
  "@hearsay/agent": ["@hearsay/core", "hearsay"],
  "@hearsay/testkit": ["@hearsay/core", "hearsay"],
  "@hearsay/interop": ["@hearsay/core", "hearsay", "@hearsay/agent", "@hearsay/testkit"],
  "@hearsay/bench": ["@hearsay/core", "hearsay", "@hearsay/agent", "@hearsay/interop", "@hearsay/testkit"],
  "@hearsay/tools": [],
};

/** What the tests of any package may import besides the package and what it imports itself. */
const TESTS_MAY_IMPORT = ["@hearsay/core", "@hearsay/testkit"];

/** Folders of the core that know little on purpose, and all that they may know. */
const CORE_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  wire: ["wire", "address.ts", "bytes.ts", "invariant.ts"],
};

/** Folders of the core that must not know each other. */
const CORE_STRANGERS = [
  ["detector", "dissemination"],
  ["dissemination", "detector"],
];

describe("dependencies point one way", () => {
  it("every package has a place in the direction of dependency", () => {
    const names = packages().map(({ manifest }) => manifest.name);
    assert.deepEqual(names.sort(), Object.keys(MAY_IMPORT).sort());
  });

  for (const { folder, manifest } of packages()) {
    const { name } = manifest;
    const sources = files(new RegExp(`^${folder}/(?!test/).*\\.ts$`));
    const tests = files(new RegExp(`^${folder}/test/.*\\.ts$`));

    it(`${name} imports only what lies below it`, () => {
      assert.deepEqual(strayImports(sources, [name, ...(MAY_IMPORT[name] ?? [])]), []);
    });

    it(`the tests of ${name} import only it, what it imports, and the testkit`, () => {
      assert.deepEqual(strayImports(tests, [name, ...(MAY_IMPORT[name] ?? []), ...TESTS_MAY_IMPORT]), []);
    });

    it(`${name} reaches other packages by their name, not by a path`, () => {
      const strays = importLines([...sources, ...tests]).filter(
        ({ file, specifier }) =>
          specifier.startsWith(".") && !new URL(specifier, `file:///${file}`).pathname.startsWith(`/${folder}/`),
      );
      assert.deepEqual(strays.map(describeImport), []);
    });
  }

  it("inside the core, wire knows only addresses, bytes and invariants", () => {
    const strays = importLines(coreSources()).filter(({ file, specifier }) => {
      const allowed = CORE_MAY_IMPORT[partOf(file)];
      return allowed !== undefined && !allowed.includes(partOf(resolveImport(file, specifier) ?? ""));
    });
    assert.deepEqual(strays.map(describeImport), []);
  });

  it("the detector and dissemination don't know each other", () => {
    const strays = importLines(coreSources()).filter(({ file, specifier }) => {
      const target = partOf(resolveImport(file, specifier) ?? "");
      return CORE_STRANGERS.some(([one, other]) => partOf(file) === one && target === other);
    });
    assert.deepEqual(strays.map(describeImport), []);
  });

  it("no file of a package needs itself to load", () => {
    for (const { folder } of packages()) assert.deepEqual(cyclesIn(files(new RegExp(`^${folder}/.*\\.ts$`))), []);
  });
});

interface ImportLine {
  readonly file: string;
  readonly specifier: string;
}

function coreSources(): string[] {
  return files(/^packages\/core\/src\/.*\.ts$/);
}

/** `wire` for packages/core/src/wire/lzw.ts, `address.ts` for packages/core/src/base/address.ts. */
function partOf(path: string): string {
  return path.match(/^packages\/core\/src\/([^/]+)/)?.[1] ?? "";
}

function importLines(paths: readonly string[]): ImportLine[] {
  return paths.flatMap((file) => importsOf(file).map(({ specifier }) => ({ file, specifier })));
}

function describeImport({ file, specifier }: ImportLine): string {
  return `${file} imports ${specifier}`;
}

function strayImports(paths: readonly string[], allowed: readonly string[]): string[] {
  const ours = new Set(Object.keys(MAY_IMPORT));
  return importLines(paths)
    .filter(({ specifier }) => {
      if (specifier.startsWith(".") || isBuiltin(specifier)) return false;
      const name = packageOf(specifier);
      return (ours.has(name) || name.startsWith("@hearsay/")) && !allowed.includes(name);
    })
    .map(describeImport);
}

/** Every circle of imports that are not of types only, as one line each. */
function cyclesIn(paths: readonly string[]): string[] {
  const cycles: string[] = [];
  const finished = new Set<string>();
  const trail: string[] = [];
  const visit = (file: string): void => {
    if (trail.includes(file)) {
      cycles.push([...trail.slice(trail.indexOf(file)), file].join(" > "));
      return;
    }
    if (finished.has(file)) return;
    trail.push(file);
    for (const { specifier, isType } of importsOf(file)) {
      const target = isType || !specifier.startsWith(".") ? null : resolveImport(file, specifier);
      if (target !== null) visit(target);
    }
    trail.pop();
    finished.add(file);
  };
  for (const path of paths) visit(path);
  return cycles;
}
