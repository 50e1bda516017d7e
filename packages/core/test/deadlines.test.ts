import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Deadlines } from "@hearsay/core/internal";
import fc from "fast-check";

function drain(deadlines: Deadlines): [number, number, number, number][] {
  const drained: [number, number, number, number][] = [];
  while (deadlines.size > 0) {
    drained.push([deadlines.nextAt(), deadlines.topKind, deadlines.topSubject, deadlines.topStamp]);
    deadlines.pop();
  }
  return drained;
}

describe("deadlines", () => {
  it("come out in order of time, whatever the order they went in", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 300 }), (times) => {
        const deadlines = new Deadlines();
        for (const [index, at] of times.entries()) deadlines.push(at, 1, index, at * 2);
        const drained = drain(deadlines);
        assert.deepEqual(
          drained.map(([at]) => at),
          [...times].sort((a, b) => a - b),
        );
        for (const [at, , subject, stamp] of drained) {
          assert.equal(times[subject], at);
          assert.equal(stamp, at * 2);
        }
      }),
    );
  });

  it("are never due when there are none", () => {
    assert.equal(new Deadlines().nextAt(), Number.POSITIVE_INFINITY);
  });

  it("of some kinds can be postponed together, and stay in order", () => {
    const deadlines = new Deadlines();
    deadlines.push(10, 1);
    deadlines.push(20, 5);
    deadlines.push(30, 3);
    deadlines.postpone(1, 3, 100);
    assert.deepEqual(
      drain(deadlines).map(([at, kind]) => [at, kind]),
      [
        [20, 5],
        [110, 1],
        [130, 3],
      ],
    );
  });

  it("that are stale can be swept away", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(100), fc.nat(5)), { maxLength: 100 }), (entries) => {
        const deadlines = new Deadlines();
        for (const [at, kind] of entries) deadlines.push(at, kind);
        deadlines.sweep((kind) => kind === 2);
        const kept = entries.filter(([, kind]) => kind !== 2).map(([at]) => at);
        assert.deepEqual(
          drain(deadlines).map(([at]) => at),
          kept.sort((a, b) => a - b),
        );
      }),
    );
  });
});
