import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Sfc32, unit } from "@hearsay/core";
import { CONFIDENCE, intervalRank, medianInterval, PAIRS_MAX, PAIRS_MIN, ratioOf } from "./ratios.ts";

describe("the confidence interval of a median", () => {
  it("lies between the ranks that tables of order statistics give", () => {
    // Conover, Practical Nonparametric Statistics: two-sided, at least 95 %.
    const ranks = [6, 7, 8, 9, 10, 11, 12, 15, 20, 21, 25, 30, 50, 101].map((count) => [count, intervalRank(count)]);
    assert.deepEqual(ranks, [
      [6, 1],
      [7, 1],
      [8, 1],
      [9, 2],
      [10, 2],
      [11, 2],
      [12, 3],
      [15, 4],
      [20, 6],
      [21, 6],
      [25, 8],
      [30, 10],
      [50, 18],
      [101, 41],
    ]);
  });

  it("is made of the 6th and the 16th of 21 values, in whatever order they come", () => {
    const values = Array.from({ length: 21 }, (_, i) => ((i * 8) % 21) + 1);
    assert.deepEqual(medianInterval(values), { median: 11, low: 6, high: 16 });
  });

  it("has for its median the mean of the middle two of an even number", () => {
    assert.equal(medianInterval([1, 2, 3, 5, 8, 9]).median, 4);
  });

  it("does not exist for fewer values than the least number of pairs", () => {
    assert.throws(() => medianInterval(Array.from({ length: PAIRS_MIN - 1 }, () => 1)), RangeError);
    assert.doesNotThrow(() => medianInterval(Array.from({ length: PAIRS_MIN }, () => 1)));
  });

  it("does not exist for more values than the greatest number of pairs, for which it does", () => {
    assert.equal(intervalRank(PAIRS_MAX), 469);
    assert.doesNotThrow(() => medianInterval(Array.from({ length: PAIRS_MAX }, () => 1)));
    assert.throws(() => medianInterval(Array.from({ length: PAIRS_MAX + 1 }, () => 1)), RangeError);
  });

  it("holds the true median about as often as it says, of values as lopsided as times are", () => {
    const random = new Sfc32(7);
    // A floor and a long tail: its median is 1 + ln 2.
    const skewed = (): number => 1 - Math.log(1 - unit(random));
    let held = 0;
    const trials = 4000;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = medianInterval(Array.from({ length: 21 }, skewed));
      if (low <= 1 + Math.LN2 && 1 + Math.LN2 <= high) held++;
    }
    // 97.3 % by the binomial distribution for the 6th and the 16th of 21.
    assert.ok(held / trials >= CONFIDENCE, `${held} of ${trials}`);
    assert.ok(held / trials <= 0.985, `${held} of ${trials}: wider than need be`);
  });
});

describe("the ratio of two costs", () => {
  it("is 1 of nothing by nothing and beyond all limits of something by nothing", () => {
    assert.equal(ratioOf(0, 0), 1);
    assert.equal(ratioOf(3, 0), Number.POSITIVE_INFINITY);
    assert.equal(ratioOf(3, 2), 1.5);
  });

  it("may be infinite in every pair, and the median then is, too", () => {
    const { median, low } = medianInterval(Array.from({ length: 6 }, () => Number.POSITIVE_INFINITY));
    assert.deepEqual([median, low], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });
});
