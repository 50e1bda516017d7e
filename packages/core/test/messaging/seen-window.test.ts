import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SEEN_WINDOW_MAX } from "@hearsay/core/messaging";
import fc from "fast-check";
import { type Hearing, SeenWindow } from "../../dist/layers/messaging/seen-window.js";

/** The rule as the document states it, with a set instead of bits. */
class Model {
  readonly #heard = new Set<number>();
  #highest = 0;

  note(sequence: number): Hearing {
    if (sequence <= this.#highest - SEEN_WINDOW_MAX) return "too-old";
    if (this.#heard.has(sequence)) return "again";
    this.#heard.add(sequence);
    this.#highest = Math.max(this.#highest, sequence);
    return "first";
  }
}

/** Sequences as they come in life: mostly near each other, out of order, with jumps. */
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -40, max: 60 }) },
    { weight: 2, arbitrary: fc.integer({ min: -600, max: 900 }) },
    { weight: 1, arbitrary: fc.integer({ min: -2 * SEEN_WINDOW_MAX, max: 2 * SEEN_WINDOW_MAX }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(SEEN_WINDOW_MAX - 1, SEEN_WINDOW_MAX, 1 - SEEN_WINDOW_MAX, -SEEN_WINDOW_MAX),
    },
  ),
  { minLength: 1, maxLength: 200, size: "max" },
);

describe("the window of heard numbers", () => {
  it("tells what a set of all heard numbers would tell, wherever the sequence starts", () => {
    const start = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(2 ** 40), fc.constant(2 ** 53 - 10_000_000));
    fc.assert(
      fc.property(start, steps, (first, jumps) => {
        const window = new SeenWindow();
        const model = new Model();
        let at = first;
        for (const jump of jumps) {
          at = Math.max(1, at + jump);
          assert.equal(window.note(at), model.note(at), `number ${at}`);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("hears each number of a run once, in whatever order they come", () => {
    const numbers = fc.shuffledSubarray(Array.from({ length: 500 }, (_, index) => index + 1));
    fc.assert(
      fc.property(numbers, (order) => {
        const window = new SeenWindow();
        for (const number of order) assert.equal(window.note(number), "first");
        for (const number of order) assert.equal(window.note(number), "again");
      }),
      { numRuns: 50 },
    );
  });

  it("takes the last number of all, and nothing far below it any more", () => {
    const window = new SeenWindow();
    assert.equal(window.note(1), "first");
    assert.equal(window.note(Number.MAX_SAFE_INTEGER), "first");
    assert.equal(window.note(Number.MAX_SAFE_INTEGER), "again");
    assert.equal(window.note(1), "too-old");
    assert.equal(window.note(Number.MAX_SAFE_INTEGER - SEEN_WINDOW_MAX + 1), "first");
    assert.equal(window.note(Number.MAX_SAFE_INTEGER - SEEN_WINDOW_MAX), "too-old");
  });
});
