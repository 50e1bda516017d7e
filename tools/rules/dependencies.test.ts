import assert from "node:assert/strict";
import { isBuiltin } from "node:module";
import { describe, it } from "node:test";
import { importsOf, packageOf, resolveImport } from "./imports.ts";
import { files, packages } from "./repository.ts";

/** The packages of this repository that each package may import, tests aside. Enter a new package here first. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "@hearsay/core": [],
  hearsay: ["@hearsay/core"],
  "@hearsay/agent": ["@hearsay/core", "hearsay"],
  "@hearsay/cli": ["hearsay", "@hearsay/agent"],
  "@hearsay/testkit": ["@hearsay/core", "hearsay"],
  "@hearsay/interop": ["@hearsay/core", "hearsay", "@hearsay/agent", "@hearsay/testkit"],
  "@hearsay/bench": ["@hearsay/core", "hearsay", "@hearsay/agent", "@hearsay/interop", "@hearsay/testkit"],
  "@hearsay/examples": ["hearsay"],
  "@hearsay/tools": [],
};

/** What the tests of each package may import besides the package and its own imports. */
const TESTS_MAY_IMPORT = ["@hearsay/core", "@hearsay/testkit"];

/**
 * The floors of each package that has folders, from the lowest up. A file may import from its own folder and from lower
 * floors; folders on the same floor must not import each other. "." stands for the files beside the folders. Enter a
 * new folder here.
 */
const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "packages/core": [
    ["base"],
    ["wire", "ring", "virtual"],
    ["call"],
    ["membership"],
    ["detector", "dissemination"],
    ["layers"],
    ["sync"],
    ["node"],
    ["."],
  ],
  "packages/hearsay": [
    ["base"],
    ["forms"],
    ["crypto", "discovery", "expressions", "members", "transport"],
    ["options", "ring", "snapshot"],
    ["node"],
    ["messaging", "serf"],
    ["observe"],
    ["runtime"],
    ["."],
    ["testing"],
  ],
  "packages/agent": [
    ["base"],
    ["log"],
    ["events"],
    ["config"],
    ["scripts"],
    ["observe"],
    ["operations"],
    ["faces"],
    ["."],
    ["commands"],
    ["bin"],
  ],
  "packages/cli": [["demo"], ["."], ["bin"]],
  "packages/testkit": [["."], ["cluster"], ["experiments"]],
};

/** Folders whose subfolders must not import each other, by what a subfolder is. */
const SIBLINGS: Readonly<Record<string, string>> = {
  "layer of the core": "packages/core/src/layers",
  "face of the agent": "packages/agent/src/faces",
};

/** Entries without stability, for private packages and tests. */
const INSIDE = /^(?:hearsay|@hearsay\/[^/]+)\/internal$/;

/** Entry files of a package. They stand beside the folders, and no file of the package imports them. */
const DOORS = /\/src\/(?:index|internal|msgpack)\.ts$/;

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

    if (manifest.private !== true) {
      it(`${name} imports no other package's inside`, () => {
        const strays = importLines(sources).filter(({ specifier }) => INSIDE.test(specifier));
        assert.deepEqual(strays.map(describeImport), []);
      });
    }

    it(`${name} reaches other packages by their name, not by a path`, () => {
      const strays = importLines([...sources, ...tests]).filter(
        ({ file, specifier }) =>
          specifier.startsWith(".") && !new URL(specifier, `file:///${file}`).pathname.startsWith(`/${folder}/`),
      );
      assert.deepEqual(strays.map(describeImport), []);
    });
  }

  for (const [folder, floors] of Object.entries(FLOORS)) {
    const sources = files(new RegExp(`^${folder}/src/.*\\.ts$`));
    const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));
    const isUpward = ([from, to]: Arrow): boolean => floorOf(to) >= floorOf(from);

    it(`every folder of ${folder} has its floor`, () => {
      assert.deepEqual([...new Set(sources.map(roomOf))].sort(), floors.flat().sort());
    });

    it(`inside ${folder}, no import leads upward, and no two folders import each other`, (test) => {
      const lines = importLines(sources).flatMap((line) => arrowOf(folder, line) ?? []);
      const arrows = new Map(lines.map(({ arrow }) => [arrow.join(" > "), arrow]));
      const upward = lines.filter(({ arrow }) => isUpward(arrow)).map(({ text }) => text);
      const mutual = [...arrows.values()].filter(([from, to]) => from < to && arrows.has(`${to} > ${from}`));
      test.diagnostic(
        `${folder}: ${arrows.size} arrows between folders, ${upward.length} upward, ${mutual.length} pairs that import each other`,
      );
      assert.deepEqual({ upward, mutual }, { upward: [], mutual: [] });
    });
  }

  it("the detector and dissemination don't know each other", () => {
    const rooms = ["detector", "dissemination"];
    const strays = importLines(files(/^packages\/core\/src\/(?:detector|dissemination)\/.*\.ts$/)).flatMap((line) => {
      const { arrow, text } = arrowOf("packages/core", line) ?? { arrow: ["", ""], text: "" };
      return arrow.every((room) => rooms.includes(room)) ? [text] : [];
    });
    assert.deepEqual(strays, []);
  });

  for (const [what, folder] of Object.entries(SIBLINGS)) {
    it(`no ${what} knows another`, () => {
      const siblingOf = (path: string): string =>
        path.startsWith(`${folder}/`) ? (path.slice(folder.length + 1).match(/^([^/]+)\//)?.[1] ?? "") : "";
      const strays = importLines(files(new RegExp(`^${folder}/[^/]+/.*\\.ts$`))).filter(({ file, specifier }) => {
        const target = siblingOf(resolveImport(file, specifier) ?? "");
        return target !== "" && target !== siblingOf(file);
      });
      assert.deepEqual(strays.map(describeImport), []);
    });
  }

  it("no file of a package needs itself to load", () => {
    for (const { folder } of packages()) assert.deepEqual(cyclesIn(files(new RegExp(`^${folder}/.*\\.ts$`))), []);
  });
});

interface ImportLine {
  readonly file: string;
  readonly specifier: string;
}

/** An import from one folder to another. */
type Arrow = readonly [from: string, to: string];

/** The arrow of an import inside its package; null if it stays in its folder. */
function arrowOf(folder: string, line: ImportLine): { readonly arrow: Arrow; readonly text: string } | null {
  const target = resolveImport(line.file, line.specifier);
  if (target === null || !target.startsWith(`${folder}/src/`) || DOORS.test(line.file)) return null;
  const arrow: Arrow = [roomOf(line.file), roomOf(target)];
  const isWithin = arrow[0] === arrow[1] && !DOORS.test(target);
  return isWithin ? null : { arrow, text: describeImport(line) };
}

/** `wire` for packages/core/src/wire/crc32.ts, "." for packages/core/src/index.ts. */
function roomOf(path: string): string {
  return path.match(/\/src\/([^/]+)\//)?.[1] ?? ".";
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

/** Every cycle of imports, without imports of types only, as one line each. */
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
