import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importedFiles } from "./imports.ts";
import { exists, read } from "./repository.ts";

describe("the life of a datagram in ARCHITECTURE.md is the way that the code goes", () => {
  it("its section exists and leads through at least three files", () => {
    assert.ok(lifeOfADatagram().length >= 3);
  });

  it("every file of it exists", () => {
    assert.deepEqual(
      lifeOfADatagram().filter((path) => !exists(path)),
      [],
    );
  });

  it("each step imports the next, or is imported by it", () => {
    const steps = lifeOfADatagram();
    const gaps: string[] = [];
    for (const [index, step] of steps.entries()) {
      const next = steps[index + 1];
      if (next === undefined || !exists(step) || !exists(next)) continue;
      if (!importedFiles(step).has(next) && !importedFiles(next).has(step)) gaps.push(`${step} and ${next}`);
    }
    assert.deepEqual(gaps, []);
  });
});

/** The paths of the section, in order. */
function lifeOfADatagram(): string[] {
  assert.ok(exists("ARCHITECTURE.md"), "ARCHITECTURE.md doesn't exist");
  const section = read("ARCHITECTURE.md").match(/<!-- life-of-a-datagram -->(.*?)<!-- \/life-of-a-datagram -->/s)?.[1];
  assert.ok(section !== undefined, "ARCHITECTURE.md has no section between <!-- life-of-a-datagram --> markers");
  return [...section.matchAll(/packages\/[\w./-]+\.ts/g)].map(([path]) => path);
}
