import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvariantError, type Random, Sfc32 } from "@hearsay/core";
import { type LinkConditions, PacketModel } from "@hearsay/core/virtual";
import fc from "fast-check";

const NEVER: Random = { nextU32: () => assert.fail("no chance was asked for") };
const RUNS = 20_000;

function model(conditions: Partial<LinkConditions>, seed = 1): PacketModel {
  return new PacketModel(new Sfc32(seed), conditions);
}

/** All that became of many packets. */
function outcomes(packets: PacketModel): number[][] {
  return Array.from({ length: RUNS }, () => [...packets.deliveries("a", "b", 100)]);
}

function share(all: readonly number[][], isSo: (delays: readonly number[]) => boolean): number {
  return all.filter(isSo).length / all.length;
}

function isNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 0.02, `${actual} is not near ${expected}`);
}

describe("the model of a network", () => {
  it("delivers everything once and at once by default, and draws nothing for it", () => {
    const packets = new PacketModel(NEVER);
    assert.deepEqual([...packets.deliveries("a", "b", 1400)], [0]);
    assert.equal(packets.streamDelay("a", "b"), 0);
  });

  it("a fixed latency needs no chance either", () => {
    assert.deepEqual([...new PacketModel(NEVER, { latencyMs: 0.25 }).deliveries("a", "b", 1)], [0.25]);
  });

  it("spreads delays evenly over the jitter, ends included", () => {
    const delays = outcomes(model({ latencyMs: 10, jitterMs: 0.004 })).map(([delay]) => delay ?? Number.NaN);
    assert.deepEqual(
      [...new Set(delays)].sort((x, y) => x - y),
      [10, 10.001, 10.002, 10.003, 10.004],
    );
    for (const value of [10, 10.002, 10.004]) isNear(delays.filter((delay) => delay === value).length / RUNS, 0.2);
  });

  it("loses, doubles and holds back as often as it is told", () => {
    const all = outcomes(model({ latencyMs: 1, loss: 0.1, duplication: 0.3, reordering: 0.5, reorderingMs: 7 }));
    isNear(
      share(all, (delays) => delays.length === 0),
      0.1,
    );
    isNear(
      share(all, (delays) => delays.length === 2),
      0.9 * 0.3,
    );
    isNear(
      share(all, ([first]) => first === 8),
      0.9 * 0.5,
    );
    assert.ok(all.flat().every((delay) => delay === 1 || delay === 8));
  });

  it("a chance of 1 is always, and of 0 never", () => {
    assert.equal(
      share(outcomes(model({ loss: 1 })), (delays) => delays.length === 0),
      1,
    );
    assert.equal(
      share(outcomes(model({ duplication: 1 })), (delays) => delays.length === 2),
      1,
    );
  });

  it("a stream's chunk is never lost but late", () => {
    const packets = model({ latencyMs: 5, loss: 0.5 });
    const delays = Array.from({ length: RUNS }, () => packets.streamDelay("a", "b"));
    assert.ok(delays.every((delay) => (delay - 5) % 200 === 0 && delay <= 5 + 8 * 200));
    isNear(delays.filter((delay) => delay === 5).length / RUNS, 0.5);
    assert.ok(model({ loss: 1 }).streamDelay("a", "b") === 1600);
  });

  it("the same seed gives the same fate to all packets", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const conditions = { latencyMs: 1, jitterMs: 3, loss: 0.2, duplication: 0.2, reordering: 0.2, reorderingMs: 5 };
        const run = () => {
          const packets = model(conditions, seed);
          return Array.from({ length: 100 }, () => [...packets.deliveries("a", "b", 10)]);
        };
        assert.deepEqual(run(), run());
      }),
      { numRuns: 20 },
    );
  });

  it("loses datagrams that are too large for the path", () => {
    const packets = model({ datagramBytesMax: 1000 });
    assert.equal(packets.deliveries("a", "b", 1000).length, 1);
    assert.equal(packets.deliveries("a", "b", 1001).length, 0);
  });

  it("conditions can be changed, in general and for one way", () => {
    const packets = model({ latencyMs: 1 });
    packets.setLink("a", "b", { latencyMs: 50 });
    packets.setConditions({ latencyMs: 2 });
    assert.deepEqual([...packets.deliveries("a", "b", 1)], [50]);
    assert.deepEqual([...packets.deliveries("b", "a", 1)], [2]);
    packets.setLink("a", "b", null);
    assert.deepEqual([...packets.deliveries("a", "b", 1)], [2]);
  });

  it("a partition keeps groups apart, and those in none are one more group", () => {
    const packets = model({});
    packets.partition([["a", "b"], ["c"]]);
    const ends = ["a", "b", "c", "d", "e"];
    const open = ends.flatMap((from) => ends.filter((to) => !packets.isCut(from, to)).map((to) => from + to));
    assert.deepEqual(open, ["aa", "ab", "ba", "bb", "cc", "dd", "de", "ed", "ee"]);
    assert.equal(packets.deliveries("a", "c", 1).length, 0);
    packets.partition([]);
    assert.equal(packets.isCut("a", "c"), false);
  });

  it("a cut goes one way, and heal takes back all cuts and partitions", () => {
    const packets = model({});
    packets.cut("a", "b");
    assert.deepEqual([packets.isCut("a", "b"), packets.isCut("b", "a"), packets.isCut("a", "c")], [true, false, false]);
    packets.mend("a", "b");
    assert.equal(packets.isCut("a", "b"), false);
    packets.cut("a", "b");
    packets.partition([["a"]]);
    packets.heal();
    assert.equal(packets.deliveries("a", "b", 1).length, 1);
  });

  it("refuses chances and times that can't be", () => {
    for (const conditions of [{ loss: -0.1 }, { loss: 1.1 }, { duplication: Number.NaN }, { latencyMs: -1 }]) {
      assert.throws(() => model(conditions), InvariantError);
    }
  });
});
