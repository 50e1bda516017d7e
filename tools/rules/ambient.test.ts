import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ambientUses } from "./ambient.ts";
import { files } from "./repository.ts";

describe("time, chance and the outside world reach the core only as arguments", () => {
  it("no file of the core uses anything ambient", () => {
    const sources = files(/^packages\/core\/src\/.*\.ts$/);
    assert.ok(sources.length > 0);
    assert.deepEqual(
      sources.flatMap((path) => ambientUses(path)),
      [],
    );
  });

  for (const text of [
    "const at = Date.now();",
    "const at = new Date();",
    "const draw = Math.random();",
    "setTimeout(() => {}, 5);",
    "export const name = process.env.NAME;",
    "export const host = globalThis;",
    "export async function join() {}",
    "export function join(): Promise<void> {}",
    "names.sort((a, b) => a.localeCompare(b));",
    'import { hostname } from "node:os";',
    "let counter = 0;",
    "const cache = new Map();",
  ]) {
    it(`notices ${text}`, () => assert.notDeepEqual(ambientUses("example.ts", text), []));
  }

  for (const text of [
    "job.process(); job.random.next();",
    "export interface Job { process(): void; readonly performance: number }",
    "// Date.now() would not do here.",
    'const text = "Math.random";',
    'import { now } from "./clock.ts";',
    "const EMPTY: ReadonlyMap<string, number> = new Map();",
    "export function cache() { let hits = 0; return new Map([[hits, 1]]); }",
  ]) {
    it(`allows ${text}`, () => assert.deepEqual(ambientUses("example.ts", text), []));
  }
});
