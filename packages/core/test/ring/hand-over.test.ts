import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BoundedRing,
  HashRing,
  handOverOfKeys,
  handOverOfPartitions,
  handOverOfRanges,
  Rendezvous,
  RING_POINTS_MAX,
  RING_POSITIONS,
} from "@hearsay/core/ring";
import fc from "fast-check";
import { keys, members, nodes } from "./arbitraries.ts";

const OPTIONS = { pointsPerWeight: 8 };
const copies = fc.integer({ min: 1, max: 3 });

describe("what changes hands between two views", () => {
  it("is in the ranges just what it is for every key and every edge", () => {
    fc.assert(
      fc.property(members(0), members(0), copies, (one, other, count) => {
        const [before, after] = [new HashRing("jobs", one, OPTIONS), new HashRing("jobs", other, OPTIONS)];
        const ranges = handOverOfRanges(before, after, count);
        const byKey = new Map(handOverOfKeys(before, after, keys, count).map((move) => [move.key, move]));
        for (const key of keys) {
          const position = before.positionOf(key);
          const range = ranges.find(({ first, last }) => first <= position && position <= last);
          assert.deepEqual(range && [range.from, range.to], byKey.has(key) ? moveOf(byKey.get(key)) : undefined, key);
        }
        for (const { first, last, from, to } of ranges) {
          for (const edge of [first, last]) {
            const [old, now] = [before.ownersAt(edge, count), after.ownersAt(edge, count)];
            assert.deepEqual(
              old.filter((name) => !now.includes(name)),
              from,
            );
            assert.deepEqual(
              now.filter((name) => !old.includes(name)),
              to,
            );
          }
        }
      }),
    );
  });

  it("comes in ranges that ascend, don't overlap and don't wrap", () => {
    fc.assert(
      fc.property(members(0), members(0), copies, (one, other, count) => {
        let end = -1;
        for (const { first, last } of handOverOfRanges(
          new HashRing("jobs", one, OPTIONS),
          new HashRing("jobs", other, OPTIONS),
          count,
        )) {
          assert.ok(first > end && last >= first && last < RING_POSITIONS);
          end = last;
        }
      }),
    );
  });

  it("is nothing between equal views, and everything from and to nobody", () => {
    const [none, some] = [new HashRing("jobs", []), new HashRing("jobs", [{ name: "a" }])];
    assert.deepEqual(handOverOfRanges(some, some), []);
    assert.deepEqual(handOverOfRanges(none, none), []);
    const all = { first: 0, last: RING_POSITIONS - 1 };
    assert.deepEqual(handOverOfRanges(none, some), [{ ...all, from: [], to: ["a"] }]);
    assert.deepEqual(handOverOfRanges(some, none), [{ ...all, from: ["a"], to: [] }]);
  });

  it("counts copies, not their rank", () => {
    const [one, two] = [new Rendezvous("jobs", nodes(2)), new Rendezvous("jobs", nodes(3))];
    for (const { from, to } of handOverOfKeys(one, two, keys, 3)) {
      assert.deepEqual(from, []);
      assert.deepEqual(to, ["node-2"]);
    }
    assert.equal(handOverOfKeys(one, two, keys, 3).length, keys.length);
    assert.equal(handOverOfKeys(one, one, keys, 2).length, 0);
  });

  it("is in the partitions just what it is for their keys", () => {
    const [before, after] = [new BoundedRing("jobs", nodes(5)), new BoundedRing("jobs", nodes(6))];
    const moved = new Map(handOverOfPartitions(before, after, 2).map((move) => [move.partition, move]));
    assert.ok(moved.size > 0);
    for (const { key, ...move } of handOverOfKeys(before, after, keys, 2)) {
      assert.deepEqual(moveOf(moved.get(before.partitionOf(key))), moveOf(move));
    }
  });

  it("is not asked of views that have nothing in common", () => {
    const [jobs, caches] = [new HashRing("jobs", nodes(2)), new HashRing("caches", nodes(2))];
    assert.throws(() => handOverOfRanges(jobs, caches), RangeError);
    const [few, many] = [new BoundedRing("jobs", nodes(2), { partitions: 8 }), new BoundedRing("jobs", nodes(2))];
    assert.throws(() => handOverOfPartitions(few, many), RangeError);
  });
});

describe("a hash ring's points", () => {
  it("are there for hundreds of thousands of members, too", () => {
    const light = nodes(700_000).map(({ name }) => ({ name, weight: 0.01 }));
    assert.equal(new HashRing("jobs", light).members.length, 700_000);
  });

  it("are bounded, however many members weigh how much", () => {
    const heavy = nodes(400).map(({ name }) => ({ name, weight: 100 }));
    const ring = new HashRing("jobs", heavy);
    assert.ok(ring.positions.length <= RING_POINTS_MAX && ring.positions.length > RING_POINTS_MAX / 4);
    assert.equal(ring.members.length, 400);
  });
});

function moveOf(move: { from: readonly string[]; to: readonly string[] } | undefined): unknown {
  return move === undefined ? undefined : [move.from, move.to];
}
