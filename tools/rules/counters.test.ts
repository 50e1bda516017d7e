import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countedFields } from "./fields.ts";
import { files, read } from "./repository.ts";

const SOURCES = files(/^packages\/(?:core|hearsay|agent)\/src\/.*\.ts$/);

describe("what is counted can be read", () => {
  it("every interface of counters has a table of metrics, by itself or through one that extends it", () => {
    const tables = new Set(
      SOURCES.flatMap((path) =>
        [...read(path).matchAll(/ReadTable<(?:Exclude<)?keyof (\w+)/g)].map(([, name]) => name),
      ),
    );
    const declared = SOURCES.flatMap((path) => [
      ...read(path).matchAll(/^export interface (\w+)(?: extends ([\w, <>]+))? \{/gm),
    ]);
    const covered = new Set(tables);
    for (const [, name = "", bases = ""] of declared) {
      if (tables.has(name)) for (const base of bases.split(", ")) covered.add(base.replace(/^Readonly<(.*)>$/, "$1"));
    }
    const counters = declared.map(([, name = ""]) => name).filter((name) => name.endsWith("Counters"));
    assert.ok(counters.length >= 10, "the pattern finds them");
    assert.deepEqual(
      counters.filter((name) => !covered.has(name)),
      [],
      "these have no metrics",
    );
  });

  it("a count that a class keeps in the open is read by another file", () => {
    const counted = countedFields(SOURCES);
    assert.ok(counted.length > 10, "the fields are found");
    assert.deepEqual(
      counted.filter(({ isRead }) => !isRead).map(({ path, name }) => `${path}: ${name}`),
      [],
    );
  });
});
