import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeCoordinatePayload, SerfDecoder } from "@hearsay/core/serf";
import { isFault } from "@hearsay/core/wire";
import fc from "fast-check";
import { fromHex } from "../../wire/bytes.ts";
import { coordinate } from "./arbitraries.ts";

const decoder = new SerfDecoder();

function reasonOf(hex: string): string {
  const result = decoder.coordinatePayload(fromHex(hex));
  return isFault(result) ? result.reason : "accepted";
}

function heightOf(hex: string): number | string {
  const result = decoder.coordinatePayload(fromHex(`0181a6486569676874${hex}`));
  return isFault(result) ? result.reason : result.height;
}

describe("the coordinate in an ack", () => {
  it("reads back as it was written, negative zeros too", () => {
    fc.assert(
      fc.property(coordinate, (original) =>
        assert.deepEqual(decoder.coordinatePayload(encodeCoordinatePayload(original)), original),
      ),
    );
  });

  it("of eight dimensions has 130 bytes", () => {
    const vec = new Array<number>(8).fill(0);
    assert.equal(encodeCoordinatePayload({ vec, error: 1.5, adjustment: 0, height: 1e-5 }).length, 130);
  });

  it("may hold what is no finite number, for the model to refuse", () => {
    const odd = {
      vec: [Number.NaN, Number.POSITIVE_INFINITY],
      error: Number.NEGATIVE_INFINITY,
      adjustment: 0,
      height: 0,
    };
    assert.deepEqual(decoder.coordinatePayload(encodeCoordinatePayload(odd)), odd);
  });

  it("is read leniently", () => {
    assert.equal(heightOf("ca3f800000"), 1);
    assert.equal(heightOf("02"), 2);
    assert.equal(heightOf("ff"), -1);
    assert.equal(heightOf("c0"), 0);
    assert.deepEqual(decoder.coordinatePayload(fromHex("0194 920102 03 04 05")), {
      ...{ vec: [1, 2], error: 3, adjustment: 4, height: 5 },
    });
    assert.deepEqual(decoder.coordinatePayload(fromHex("01c0")), { vec: [], error: 0, adjustment: 0, height: 0 });
  });

  it("is refused when it is none", () => {
    assert.equal(reasonOf(""), "empty");
    assert.equal(reasonOf("0280"), "bad-version");
    assert.equal(reasonOf("01"), "truncated");
    assert.equal(heightOf("cb00000000000000"), "truncated");
    assert.equal(heightOf("ca000000"), "truncated");
    assert.equal(heightOf("a0"), "bad-value");
    assert.equal(heightOf("c3"), "bad-value");
    assert.equal(reasonOf("0181a356656380"), "bad-value");
  });

  it("is read right wherever its bytes lie in memory", () => {
    const payload = encodeCoordinatePayload({ vec: [0.25], error: 1, adjustment: 2, height: 3 });
    const memory = new Uint8Array(payload.length + 3);
    memory.set(payload, 3);
    assert.deepEqual(decoder.coordinatePayload(memory.subarray(3)), {
      vec: [0.25],
      error: 1,
      adjustment: 2,
      height: 3,
    });
  });
});
