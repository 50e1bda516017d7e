import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BoundedRing, boundedAssignment, HashRing, handOverOfPartitions } from "@hearsay/core/ring";
import fc from "fast-check";
import { keys, members, nodes } from "./arbitraries.ts";

const epsilon = fc.double({ min: 0.01, max: 2, noNaN: true });

function counted(owners: Iterable<string>): Map<string, number> {
  const loads = new Map<string, number>();
  for (const owner of owners) loads.set(owner, (loads.get(owner) ?? 0) + 1);
  return loads;
}

describe("bounded loads", () => {
  it("never exceed ceil((1 + epsilon) * share), and leave no key without an owner", () => {
    const some = fc.integer({ min: 0, max: keys.length }).map((count) => keys.slice(0, count));
    fc.assert(
      fc.property(members(1), some, epsilon, (view, chosen, excess) => {
        const assigned = boundedAssignment(new HashRing("jobs", view, { pointsPerWeight: 16 }), chosen, excess);
        assert.deepEqual([...assigned.keys()].sort(), [...chosen].sort());
        const loads = counted(assigned.values());
        const all = view.reduce((sum, { weight = 1 }) => sum + weight, 0);
        for (const { name, weight = 1 } of view) {
          // The sum of weights is taken in another order here.
          const bound = Math.ceil((1 + excess) * chosen.length * (weight / all) * (1 + 1e-12));
          assert.ok((loads.get(name) ?? 0) <= bound, `${name}: ${loads.get(name)} > ${bound}`);
        }
      }),
    );
  });

  it("depend on the set of keys, not on their order or on repetitions", () => {
    const views = fc.tuple(members(1), fc.shuffledSubarray([...keys], { minLength: keys.length }), epsilon);
    fc.assert(
      fc.property(views, ([view, shuffled, excess]) => {
        const ring = new HashRing("jobs", view, { pointsPerWeight: 16 });
        const one = boundedAssignment(ring, keys, excess);
        const other = boundedAssignment(ring, [...shuffled, ...shuffled.slice(9)], excess);
        assert.deepEqual(new Map([...one].sort()), new Map([...other].sort()));
      }),
      { numRuns: 30 },
    );
  });

  it("leave keys with their owner on the ring where nobody is full", () => {
    const ring = new HashRing("jobs", nodes(5));
    for (const [key, owner] of boundedAssignment(ring, keys, 10)) assert.equal(owner, ring.owner(key));
  });

  it("put a key whose owner is full with the next member that has room", () => {
    const ring = new HashRing("jobs", nodes(5));
    const tight = boundedAssignment(ring, keys, 0.01);
    const full = new Set([...counted(tight.values())].filter(([, load]) => load === 81).map(([name]) => name));
    const moved = [...tight].filter(([key, owner]) => owner !== ring.owner(key));
    assert.ok(moved.length > 0);
    for (const [key, owner] of moved) {
      const order = ring.owners(key, 5);
      for (const passed of order.slice(0, order.indexOf(owner))) assert.ok(full.has(passed), `${passed} had room`);
    }
  });

  it("are none on an empty ring", () => {
    assert.equal(boundedAssignment(new HashRing("jobs", []), keys, 0.25).size, 0);
    assert.equal(new BoundedRing("jobs", []).owner("a"), undefined);
  });

  it("are refused with an epsilon that promises nothing", () => {
    const ring = new HashRing("jobs", nodes(2));
    for (const bad of [0, -1, 11, Number.NaN]) assert.throws(() => boundedAssignment(ring, keys, bad), RangeError);
  });
});

describe("a bounded ring", () => {
  it("gives no member more partitions than its capacity", () => {
    fc.assert(
      fc.property(members(1), epsilon, (view, excess) => {
        const ring = new BoundedRing("jobs", view, { partitions: 256, pointsPerWeight: 16, epsilon: excess });
        const owners = Array.from({ length: 256 }, (_, partition) => ring.partitionOwners(partition, 1)[0] ?? "");
        for (const [name, load] of counted(owners)) assert.ok(load <= ring.capacityOf(name), `${name}: ${load}`);
      }),
    );
  });

  it("lets a key have its partition's owners, and fills all partitions", () => {
    const ring = new BoundedRing("jobs", nodes(7), { partitions: 64 });
    const partitions = keys.map((key) => ring.partitionOf(key));
    assert.equal(new Set(partitions).size, 64);
    for (const [index, key] of keys.entries()) {
      assert.deepEqual(ring.owners(key, 3), ring.partitionOwners(partitions[index] ?? -1, 3));
    }
    assert.equal(ring.capacityOf("node-1"), Math.ceil((1.25 * 64) / 7));
    assert.equal(ring.capacityOf("stranger"), 0);
  });

  it("moves a few times what must move, when one of 20 members goes", () => {
    const shares = Array.from({ length: 20 }, (_, gone) => {
      const before = new BoundedRing("jobs", nodes(20));
      const after = new BoundedRing(
        "jobs",
        nodes(20).filter((_, index) => index !== gone),
      );
      return handOverOfPartitions(before, after).length / before.partitions;
    });
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    // A twentieth must; dividing all anew would move nineteen.
    assert.ok(mean >= 0.04 && mean < 0.15, `${mean}`);
  });

  it("refuses options that make no ring", () => {
    for (const partitions of [0, 1.5, 65_537, Number.NaN]) {
      assert.throws(() => new BoundedRing("jobs", nodes(2), { partitions }), RangeError);
    }
    for (const pointsPerWeight of [0, 4097, Number.NaN]) {
      assert.throws(() => new HashRing("jobs", nodes(2), { pointsPerWeight }), RangeError);
    }
    assert.throws(() => new BoundedRing("jobs", nodes(2), { epsilon: 0 }), RangeError);
  });
});
