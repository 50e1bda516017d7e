import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../dist/base/durations.js";

describe("durations", () => {
  for (const [text, ms] of [
    ["5s", 5000],
    ["1m30s", 90_000],
    ["500ms", 500],
    ["200us", 0.2],
    ["200µs", 0.2],
    ["1000000ns", 1],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["1h0m0s", 3_600_000],
    ["0", 0],
    ["0s", 0],
  ] as const) {
    it(`"${text}" is ${ms} ms`, () => assert.equal(Number(parseDuration(text)?.toFixed(6)), ms));
  }

  it("a number is milliseconds", () => {
    assert.equal(parseDuration(250), 250);
    assert.equal(parseDuration(0), 0);
  });

  for (const value of [
    "5",
    "",
    "s",
    "5 s",
    "-5s",
    "5S",
    "1d",
    "1.2.3s",
    ".s",
    "5s!",
    -1,
    Number.NaN,
    Infinity,
    null,
    [],
    {},
  ]) {
    it(`${JSON.stringify(value)} is no duration`, () => assert.equal(parseDuration(value), null));
  }

  it("text too long to be a duration is refused without being read", () => {
    assert.equal(parseDuration("1s".repeat(100_000)), null);
  });

  it("what is formatted reads as the same time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000 }), (ms) => {
        assert.equal(parseDuration(formatDuration(ms)), ms);
      }),
    );
    assert.equal(formatDuration(90_000), "1m30s");
  });
});
