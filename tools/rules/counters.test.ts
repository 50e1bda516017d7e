import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { files, read } from "./repository.ts";

const SOURCES = files(/^packages\/(?:core|hearsay)\/src\/.*\.ts$/);

describe("what is counted can be read", () => {
  it("every interface of counters has a table of metrics, by itself or through one that extends it", () => {
    const tables = new Set(
      SOURCES.flatMap((path) => [...read(path).matchAll(/ReadTable<keyof (\w+)>/g)].map(([, name]) => name)),
    );
    const declared = SOURCES.flatMap((path) => [
      ...read(path).matchAll(/^export interface (\w*Counters)(?: extends ([\w, ]+))? \{/gm),
    ]);
    const covered = new Set(tables);
    for (const [, name = "", bases = ""] of declared) {
      if (tables.has(name)) for (const base of bases.split(", ")) covered.add(base);
    }
    assert.ok(declared.length >= 8, "the pattern finds them");
    assert.deepEqual(
      declared.map(([, name]) => name).filter((name) => !covered.has(name)),
      [],
      "these have no metrics",
    );
  });

  it("a count that a class keeps in the open is read by another file", () => {
    const unread = SOURCES.flatMap((path) =>
      [...read(path).matchAll(/this\.([a-z]\w*)(?:\+\+| \+= )/g)]
        .map(([, name]) => name)
        .filter((name) => !SOURCES.some((other) => other !== path && new RegExp(`\\.${name}\\b`).test(read(other))))
        .map((name) => `${path}: ${name}`),
    );
    assert.deepEqual(unread, []);
  });
});
