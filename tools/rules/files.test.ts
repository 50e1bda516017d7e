import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exists, files, packages, read } from "./repository.ts";

const LINES_MAX = 400;

/** Known files above the limit, with their lengths. An entry may shrink or go; none may be added or grow. */
const TOO_LONG: Readonly<Record<string, number>> = {};

/** Files that the repository must have. */
const PUBLIC = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"];

describe("files and packages keep their form", () => {
  it(`no source file is longer than ${LINES_MAX} lines`, () => {
    const long: Record<string, number> = {};
    for (const path of files(/^(?:packages\/[^/]+|examples|interop|bench|tools)\/.*\.(?:ts|mjs)$/)) {
      const lines = read(path).trimEnd().split("\n").length;
      if (lines > LINES_MAX && !path.includes("/test/")) long[path] = lines;
    }
    assert.deepEqual(long, TOO_LONG);
  });

  it("files are named in kebab-case", () => {
    const sources = files(/^(?:packages|examples|interop|bench|tools)\/.*\.(?:ts|mjs)$/);
    const odd = sources.filter((path) => !/(?:^|\/)[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)+$/.test(path));
    assert.deepEqual(odd, []);
  });

  for (const path of PUBLIC) {
    it(`the repository has ${path}`, () => assert.ok(exists(path)));
  }

  for (const { folder, manifest } of packages()) {
    it(`${manifest.name} states the project's licence`, () => assert.equal(manifest.license, "MIT"));
    if (manifest.private === true) continue;

    it(`${manifest.name} says what it exports and packs`, () => {
      assert.ok(Object.keys(manifest.exports ?? {}).length > 0, "no exports");
      assert.deepEqual(manifest.files, ["dist", "src"]);
    });

    it(`${manifest.name} carries a README and the licence's text`, () => {
      assert.ok(exists(`${folder}/README.md`), "no README.md");
      assert.equal(read(`${folder}/LICENSE`), read("LICENSE"));
    });
  }
});
