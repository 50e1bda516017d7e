import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Sfc32, unit } from "@hearsay/core";
import type { Figure } from "../figures.ts";
import { comparePairs, isWorse, type Side, type Subject } from "./pairs.ts";

const PAIRS = 21;

describe("a comparison of two revisions", () => {
  it("takes both sides of each benchmark in turn, and lets the other side begin in the next round", async () => {
    const order: string[] = [];
    const subject = (bench: string): Subject => ({
      bench,
      sample: async (side) => {
        order.push(`${bench} ${side}`);
        return [time(1)];
      },
    });
    await comparePairs([subject("a"), subject("b")], 6);
    assert.deepEqual(order.slice(0, 8), [
      ...["a there", "a here", "b there", "b here"],
      ...["a here", "a there", "b here", "b there"],
    ]);
    assert.equal(order.length, 24);
  });

  it("finds what is a tenth slower, on a machine whose speed wanders by half", async () => {
    const { comparisons } = await comparePairs([wandering(1.1)], PAIRS);
    assert.equal(comparisons.length, 1);
    assert.ok(comparisons.every(isWorse), JSON.stringify(comparisons));
  });

  it("finds nothing where both sides are alike on such a machine, nor where one is faster", async () => {
    for (const factor of [1, 0.9]) {
      const { comparisons } = await comparePairs([wandering(factor)], PAIRS);
      assert.ok(!comparisons.some(isWorse), JSON.stringify(comparisons));
    }
  });

  it("finds nothing that may as well be below the limit, however bad its median", async () => {
    let pair = 0;
    const jumpy: Subject = {
      bench: "jumpy",
      sample: async (side) => [time(side === "here" && pair++ % 2 === 0 ? 3 : 1)],
    };
    const { comparisons } = await comparePairs([jumpy], PAIRS);
    assert.equal(comparisons[0]?.ratio.median, 3);
    assert.ok(!comparisons.some(isWorse));
  });

  it("takes no verdict from a byte, which rounding may have made, and one from more", async () => {
    const bytes = (there: number, here: number): Subject => ({
      bench: `${there} to ${here}`,
      sample: async (side) => [{ name: "garbage", unit: "B", value: side === "here" ? here : there }],
    });
    const { comparisons } = await comparePairs([bytes(0, 1), bytes(3, 4), bytes(0, 2), bytes(100, 110)], 6);
    assert.deepEqual(comparisons.map(isWorse), [false, false, true, true]);
  });

  it("names the figures that only one side has and compares the others", async () => {
    const subject: Subject = {
      bench: "a",
      sample: async (side) => [time(1), { name: side === "here" ? "new" : "old", unit: "ms", value: 1 }],
    };
    const { comparisons, unmatched } = await comparePairs([subject], 6);
    assert.deepEqual(
      comparisons.map(({ name }) => name),
      ["time"],
    );
    assert.deepEqual([...unmatched].sort(), ["a: new", "a: old"]);
  });

  it("fails where no figure has the same name on both sides", async () => {
    const subject: Subject = { bench: "a", sample: async (side) => [{ name: side, unit: "ms", value: 1 }] };
    await assert.rejects(comparePairs([subject], 6), /no figure has the same name/);
  });

  it("fails with the sample's own words where a sample fails", async () => {
    const subject: Subject = {
      bench: "a",
      sample: async (side) => {
        if (side === "there") throw new Error("the pool did not form");
        return [time(1)];
      },
    };
    await assert.rejects(comparePairs([subject], 6), /the pool did not form/);
  });
});

/**
 * A subject whose side "here" takes `factor` times as long; the machine's speed drifts, and each sample has its own
 * noise.
 */
function wandering(factor: number): Subject {
  const random = new Sfc32(3);
  let samples = 0;
  return {
    bench: "wandering",
    sample: async (side: Side) => {
      const drift = 1 + 0.5 * Math.sin(samples++ / 20);
      const noise = 1 + 0.04 * unit(random);
      return [time(100 * drift * noise * (side === "here" ? factor : 1))];
    },
  };
}

function time(value: number): Figure {
  return { name: "time", unit: "ms", value };
}
