import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BoundedRing,
  HashRing,
  handOverOfKeys,
  type Placement,
  Rendezvous,
  RING_WEIGHT_MAX,
  type RingMember,
} from "@hearsay/core/ring";
import fc from "fast-check";
import { keys, members, nodes } from "./arbitraries.ts";

type Place = (name: string, view: readonly RingMember[]) => Placement;

const STRICT: readonly (readonly [string, Place])[] = [
  ["a hash ring", (name, view) => new HashRing(name, view, { pointsPerWeight: 16 })],
  ["rendezvous", (name, view) => new Rendezvous(name, view)],
];
const ALL: readonly (readonly [string, Place])[] = [
  ...STRICT,
  ["a bounded ring", (name, view) => new BoundedRing(name, view, { pointsPerWeight: 16, partitions: 128 })],
];

for (const [title, place] of ALL) {
  describe(`${title}, like every placement`, () => {
    it("gives the same owners in whatever order the members come", () => {
      const views = members(0).chain((view) =>
        fc.tuple(fc.constant(view), fc.shuffledSubarray(view, { minLength: view.length })),
      );
      fc.assert(
        fc.property(views, fc.integer({ min: 0, max: 5 }), ([view, shuffled], count) => {
          const [one, other] = [place("jobs", view), place("jobs", shuffled)];
          assert.deepEqual(one.members, other.members);
          for (const key of keys.slice(0, 50)) assert.deepEqual(one.owners(key, count), other.owners(key, count));
        }),
      );
    });

    it("gives as many different owners as it can, the key's owner first", () => {
      fc.assert(
        fc.property(members(0), fc.integer({ min: 0, max: 15 }), fc.string({ unit: "binary" }), (view, count, key) => {
          const placement = place("jobs", view);
          const owners = placement.owners(key, count);
          assert.equal(new Set(owners).size, owners.length);
          assert.equal(owners.length, Math.min(count, view.length));
          if (count > 0) assert.equal(owners[0], placement.owner(key));
          for (const owner of owners) assert.ok(view.some(({ name }) => name === owner));
        }),
      );
    });

    it("has no owner without members, and one member owns all", () => {
      assert.equal(place("jobs", []).owner("a"), undefined);
      assert.deepEqual(place("jobs", []).owners("a", 3), []);
      for (const weight of [5e-324, 1, Infinity]) {
        assert.equal(place("jobs", [{ name: "only", weight }]).owner("a"), "only");
      }
    });

    it("leaves out who has no weight, and takes too great a weight for the greatest", () => {
      const without = [0, -1, -Infinity, Number.NaN].map((weight, index) => ({ name: `none-${index}`, weight }));
      const [much, most] = [1e9, RING_WEIGHT_MAX].map((weight) =>
        place("jobs", [...nodes(3), ...without, { name: "big", weight }]),
      );
      assert.deepEqual(much?.members, ["big", "node-0", "node-1", "node-2"]);
      for (const key of keys) assert.equal(much.owner(key), most?.owner(key));
    });

    it("takes a name that comes twice once, with the greater weight", () => {
      const twice = [{ name: "a", weight: 3 }, { name: "b" }, { name: "a", weight: 0.5 }];
      const [one, other] = [place("jobs", twice), place("jobs", [{ name: "a", weight: 3 }, { name: "b" }])];
      assert.deepEqual(one.members, ["a", "b"]);
      for (const key of keys) assert.equal(one.owner(key), other.owner(key));
    });

    it("places keys of differently named rings independently", () => {
      const [one, other] = [place("jobs", nodes(4)), place("caches", nodes(4))];
      const same = keys.filter((key) => one.owner(key) === other.owner(key)).length;
      // A quarter by chance; twelve standard deviations would be all of them.
      assert.ok(same > 0.1 * keys.length && same < 0.45 * keys.length, `${same} of ${keys.length}`);
    });
  });
}

for (const [title, place] of STRICT) {
  describe(`${title} moves no key that need not move`, () => {
    it("when a member goes, only its keys move", () => {
      fc.assert(
        fc.property(members(1), fc.nat(), fc.integer({ min: 1, max: 3 }), (view, index, copies) => {
          const gone = view[index % view.length]?.name ?? "";
          const before = place("jobs", view);
          const after = place(
            "jobs",
            view.filter(({ name }) => name !== gone),
          );
          for (const { key, from, to } of handOverOfKeys(before, after, keys, copies)) {
            assert.deepEqual(from, [gone], key);
            assert.ok(to.length <= 1);
          }
          assert.ok(keys.every((key) => after.owner(key) !== gone));
        }),
      );
    });

    it("when a member comes, keys move only to it", () => {
      fc.assert(
        fc.property(members(1), fc.nat(), fc.integer({ min: 1, max: 3 }), (view, index, copies) => {
          const newcomer = view[index % view.length]?.name ?? "";
          const before = place(
            "jobs",
            view.filter(({ name }) => name !== newcomer),
          );
          for (const { key, from, to } of handOverOfKeys(before, place("jobs", view), keys, copies)) {
            assert.deepEqual(to, [newcomer], key);
            assert.ok(from.length <= 1);
          }
        }),
      );
    });

    it("when a weight rises, keys move only to its member", () => {
      fc.assert(
        fc.property(members(1), fc.nat(), fc.double({ min: 1, max: 10, noNaN: true }), (view, index, factor) => {
          const riser = view[index % view.length]?.name ?? "";
          const raised = view.map(({ name, weight = 1 }) => ({
            name,
            weight: name === riser ? weight * factor : weight,
          }));
          for (const { key, to } of handOverOfKeys(place("jobs", view), place("jobs", raised), keys)) {
            assert.deepEqual(to, [riser], key);
          }
        }),
      );
    });
  });
}

describe("shares follow the weights", () => {
  const many = Array.from({ length: 40_000 }, (_, index) => `key ${index}`);
  const view = [...nodes(6), { name: "double", weight: 2 }, { name: "half", weight: 0.5 }];

  for (const [title, placement, tolerance] of [
    // Four standard deviations of 40,000 draws; and of 64 points a member on the ring.
    ["rendezvous: but for chance", new Rendezvous("jobs", view), 0.08],
    ["a hash ring: as evenly as its points", new HashRing("jobs", view, { pointsPerWeight: 1024 }), 0.2],
  ] as const) {
    it(title, () => {
      const loads = new Map<string, number>();
      for (const key of many) loads.set(placement.owner(key) ?? "", (loads.get(placement.owner(key) ?? "") ?? 0) + 1);
      for (const { name, weight = 1 } of view) {
        const share = (many.length * weight) / 8.5;
        const load = loads.get(name) ?? 0;
        assert.ok(Math.abs(load - share) < tolerance * share, `${name}: ${load} instead of ${share}`);
      }
    });
  }
});
