import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { files, read } from "./repository.ts";

interface Ban {
  readonly pattern: RegExp;
  /** The files in which it is banned; all others may use it. */
  readonly where: RegExp;
  readonly instead: string;
  /** A text that the pattern must match, so that the rule can fail. */
  readonly example: string;
}

const EVERYWHERE = /^/;
const SOURCE = /\.(?:ts|mjs)$/;
const TESTS = /\.test\.ts$/;

const BANS: readonly Ban[] = [
  {
    pattern: /(?<![\w.])\/(?:work|farm|mnt|srv)\/|\/tmp\/[\w.-]+\/|(?<![\w.])\/(?:home|Users)\/\w|(?<![\w.])\/root\//,
    where: EVERYWHERE,
    instead: "a path that exists on other machines too",
    example: "see /home/me/notes",
  },
  {
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/,
    where: EVERYWHERE,
    instead: "the finished thing, or a sentence in the documentation that says what is missing",
    example: "// TODO: later",
  },
  {
    pattern: /\b(?:helper session|sub-?agent)\b|\bissue #?\d+\b/i,
    where: EVERYWHERE,
    instead: "the reason itself, which a reader can judge without knowing who asked for it",
    example: "as issue 2 wants",
  },
  {
    pattern: /@ts-(?:ignore|nocheck)|biome-ignore|\bas any\b|\bas unknown as\b|:\s*any\b(?=\s*[;,)=\]])/,
    where: SOURCE,
    instead: "a type",
    example: "const value = input as any",
  },
  {
    pattern: /\b(?:it|test|describe|suite)\.(?:only|todo)\(|\b(?:it|test|describe|suite)\.skip\(|\bskip: *true\b/,
    where: TESTS,
    instead: "a test that runs",
    example: "it.only('joins', () => {})",
  },
  {
    pattern: /from "node:timers\/promises"|\b(?:sleep|delay)\(\s*[\d_]+\s*\)/,
    where: TESTS,
    instead: "virtual time, or waiting for the condition itself, with a limit",
    example: "await sleep(500)",
  },
];

describe("some words have no place here", () => {
  const self = "tools/rules/words.test.ts";
  const texts = files(/\.(?:ts|mjs|js|md|json|ya?ml|txt|go|mod|html|css|sh|toml)$|\/run$|LICENSE$/)
    .filter((path) => path !== self && path !== "package-lock.json")
    .map((path) => ({ path, lines: read(path).split("\n") }));

  for (const { pattern, where, instead, example } of BANS) {
    it(`wants ${instead}`, () => {
      assert.match(example, pattern);
      const found = texts
        .filter(({ path }) => where.test(path))
        .flatMap(({ path, lines }) =>
          lines.flatMap((line, index) =>
            pattern.test(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 120)}`] : [],
          ),
        );
      assert.deepEqual(found, []);
    });
  }
});
