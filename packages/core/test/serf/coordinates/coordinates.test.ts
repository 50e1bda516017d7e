import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Sfc32 } from "@hearsay/core";
import {
  COORDINATE_ERROR_MAX,
  COORDINATE_HEIGHT_MIN,
  COORDINATE_MAGNITUDE_MAX,
  type Coordinate,
  CoordinateClient,
  estimatedRttMs,
  isPlausible,
  newCoordinate,
} from "@hearsay/core/serf";
import { loadVectors } from "@hearsay/testkit/vectors";
import fc from "fast-check";

interface WireCoordinate {
  readonly Vec: readonly number[];
  readonly Error: number;
  readonly Adjustment: number;
  readonly Height: number;
}

interface Transcript {
  readonly peer: WireCoordinate;
  readonly start: WireCoordinate;
  readonly steps: readonly { rtt_ns: number; distance_ns: number; result: WireCoordinate }[];
}

function fromWire({ Vec, Error: error, Adjustment, Height }: WireCoordinate): Coordinate {
  return { vec: Vec, error, adjustment: Adjustment, height: Height };
}

function newClient(options: { start?: Coordinate; dimensions?: number; peersMax?: number } = {}): CoordinateClient {
  return new CoordinateClient({ random: new Sfc32(1), ...options });
}

const PEER: Coordinate = { vec: [0.02, 0, 0, 0, 0, 0, 0, 0], error: 0.5, adjustment: 0, height: 0.001 };

describe("network coordinates", () => {
  it("are the reference's to the last bit", () => {
    const vector = loadVectors().find(({ name }) => name === "algo/vivaldi");
    const { peer, start, steps } = vector?.decoded as Transcript;
    const client = newClient({ start: fromWire(start) });
    const other = fromWire(peer);
    assert.ok(steps.length > 0);
    for (const { rtt_ns, distance_ns, result } of steps) {
      assert.equal(client.update("peer", other, rtt_ns / 1e6), "applied");
      assert.deepEqual(client.coordinate, fromWire(result));
      assert.equal(estimatedRttMs(client.coordinate, other), distance_ns / 1e6);
    }
  });

  it("estimate the same in both directions, and never less than nothing", () => {
    const seconds = fc.double({ min: -1, max: 1, noNaN: true });
    const coordinate = fc.record({
      vec: fc.array(seconds, { minLength: 8, maxLength: 8 }),
      error: fc.constant(0.5),
      adjustment: seconds,
      height: fc.double({ min: COORDINATE_HEIGHT_MIN, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(coordinate, coordinate, (a, b) => {
        // The order of the sums may show in the last nanosecond.
        assert.ok(Math.abs(estimatedRttMs(a, b) - estimatedRttMs(b, a)) < 2e-6);
        assert.ok(estimatedRttMs(a, b) >= 0);
      }),
    );
  });

  it("part at random where all start in one place, and the same seed parts them alike", () => {
    const placed = (seed: number): Coordinate => {
      const client = new CoordinateClient({ random: new Sfc32(seed) });
      client.update("peer", newCoordinate(), 20);
      return client.coordinate;
    };
    assert.deepEqual(placed(1), placed(1));
    assert.notDeepEqual(placed(1).vec, placed(2).vec);
  });

  it("part along the first axis where chance gives no direction", () => {
    const middle = { nextU32: (): number => 0x8000_0000 };
    const client = new CoordinateClient({ random: middle, dimensions: 2 });
    client.update("peer", newCoordinate(2), 20);
    const [first = 0, second] = client.coordinate.vec;
    assert.ok(first > 0);
    assert.equal(second, 0);
  });

  it("ignore one late ack among three", () => {
    const [steady, disturbed] = [newClient(), newClient()];
    for (const client of [steady, disturbed]) for (let i = 0; i < 2; i++) client.update("peer", PEER, 20);
    steady.update("peer", PEER, 20);
    disturbed.update("peer", PEER, 9000);
    assert.deepEqual(disturbed.coordinate, steady.coordinate);
  });

  it("filter each peer's times apart", () => {
    const client = newClient();
    for (let i = 0; i < 3; i++) client.update("near", PEER, 1);
    const before = client.coordinate;
    client.update("far", PEER, 9000);
    // The first sample of its peer is the middle one, so it counts in full.
    assert.ok(estimatedRttMs(client.coordinate, PEER) > estimatedRttMs(before, PEER) + 10);
  });

  it("count a time of zero as an observation", () => {
    const client = newClient();
    assert.equal(client.update("peer", PEER, 0), "applied");
    assert.ok(isPlausible(client.coordinate));
  });
});

describe("coordinates that others claim", () => {
  it("change nothing if a number in them is out of all proportion", () => {
    const bad = [Number.NaN, Infinity, -Infinity, COORDINATE_MAGNITUDE_MAX * 1.01, -COORDINATE_MAGNITUDE_MAX * 1.01];
    const others = bad.flatMap((value) => [
      { ...PEER, vec: PEER.vec.with(3, value) },
      { ...PEER, error: value },
      { ...PEER, adjustment: value },
      { ...PEER, height: value },
    ]);
    others.push({ ...PEER, error: -0.1 }, { ...PEER, height: -0.1 });
    const client = newClient();
    client.update("peer", PEER, 20);
    const before = client.coordinate;
    for (const other of others) assert.equal(client.update("peer", other, 20), "coordinate");
    assert.equal(client.coordinate, before);
    assert.deepEqual(client.coordinateOf("peer"), PEER);
    assert.equal(client.counters.coordinatesRefused, others.length);
    assert.equal(client.counters.applied, 1);
  });

  it("change nothing if they have other dimensions", () => {
    const client = newClient();
    const before = client.coordinate;
    for (const count of [0, 7, 9]) assert.equal(client.update("peer", newCoordinate(count), 20), "dimensions");
    assert.equal(client.coordinate, before);
    assert.equal(client.counters.dimensionsRefused, 3);
  });

  it("change nothing if the time is none, negative or beyond 10 s", () => {
    const client = newClient();
    const before = client.coordinate;
    for (const rttMs of [-0.001, 10_000.001, Number.NaN, Infinity])
      assert.equal(client.update("peer", PEER, rttMs), "rtt");
    assert.equal(client.coordinate, before);
    assert.equal(client.coordinateOf("peer"), undefined);
    assert.equal(client.counters.rttsRefused, 4);
    assert.equal(client.update("peer", PEER, 10_000), "applied");
  });

  it("never leave the own coordinate implausible, whatever they are", () => {
    const anything = fc.double({ min: -COORDINATE_MAGNITUDE_MAX, max: COORDINATE_MAGNITUDE_MAX, noNaN: true });
    const positive = fc.double({ min: 0, max: COORDINATE_MAGNITUDE_MAX, noNaN: true });
    const observation = fc.record({
      node: fc.constantFrom("a", "b", "c"),
      vec: fc.array(anything, { minLength: 2, maxLength: 2 }),
      error: positive,
      adjustment: anything,
      height: positive,
      rttMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 60, size: "max" }), (observations) => {
        const client = newClient({ dimensions: 2 });
        for (const { node, rttMs, ...other } of observations) {
          assert.equal(client.update(node, other, rttMs), "applied");
          assert.ok(isPlausible(client.coordinate));
          assert.ok(client.coordinate.error <= COORDINATE_ERROR_MAX);
          assert.ok(client.coordinate.height >= COORDINATE_HEIGHT_MIN);
        }
      }),
    );
  });

  it("let a node that was dragged out of the world begin anew", () => {
    const start: Coordinate = { ...newCoordinate(2), vec: [99.99, 0] };
    const client = newClient({ dimensions: 2, start });
    // Right beside it, and sure of itself, while the ack took 10 s: pushes it out.
    const other: Coordinate = { vec: [99.9, 0], error: 0, adjustment: 0, height: COORDINATE_HEIGHT_MIN };
    assert.equal(client.update("peer", other, 10_000), "applied");
    assert.deepEqual(client.coordinate, newCoordinate(2));
    assert.equal(client.counters.resets, 1);
    client.update("another", newCoordinate(2), 20);
    assert.equal(client.counters.resets, 1);
    // Nothing of the lost place is left in it.
    assert.ok(Math.abs(client.coordinate.adjustment) < 0.02);
  });
});

describe("what is remembered of other nodes", () => {
  it("is their last coordinate, until they are forgotten", () => {
    const client = newClient();
    const later: Coordinate = { ...PEER, height: 0.002 };
    client.update("peer", PEER, 20);
    client.update("peer", later, 20);
    assert.deepEqual(client.coordinateOf("peer"), later);
    assert.equal(client.rttMsTo("peer"), estimatedRttMs(client.coordinate, later));
    client.forget("peer");
    assert.equal(client.coordinateOf("peer"), undefined);
    assert.equal(client.rttMsTo("peer"), undefined);
  });

  it("stays what it was if the caller uses its object again", () => {
    const client = newClient();
    const vec = [...PEER.vec];
    client.update("peer", { ...PEER, vec }, 20);
    vec[0] = Number.NaN;
    assert.deepEqual(client.coordinateOf("peer"), PEER);
  });

  it("has a bound, at which the longest silent goes", () => {
    const client = newClient({ peersMax: 2 });
    for (const node of ["a", "b", "a", "c"]) client.update(node, PEER, 20);
    assert.equal(client.peers, 2);
    assert.equal(client.counters.peersDisplaced, 1);
    assert.equal(client.coordinateOf("b"), undefined);
    assert.ok(client.coordinateOf("a") !== undefined && client.coordinateOf("c") !== undefined);
  });
});
