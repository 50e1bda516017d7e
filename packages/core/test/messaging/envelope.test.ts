import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { URGENT } from "@hearsay/core";
import {
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  kindOf,
  Messenger,
  NO_ENVELOPE,
  NO_KIND,
} from "@hearsay/core/messaging";
import fc from "fast-check";

const byte = fc.integer({ min: 0, max: 255 });
const bytes = (max: number) => fc.uint8Array({ maxLength: max });

/** Any name that the wire can carry: the escapes of bytes that are no UTF-8 included. */
const origin = fc
  .array(fc.oneof(fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }), fc.constantFrom("\udc80", "\udcff")), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => parts.join(""));

const envelope: fc.Arbitrary<Envelope> = fc.record({
  kind: byte,
  version: byte,
  origin,
  bootId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  sequence: fc.oneof(fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER), fc.nat(1000)).map((n) => n || 1),
  classByte: byte,
  sentAtMs: fc.oneof(fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER)),
  body: bytes(200),
});

function example(): Uint8Array {
  const text = readFileSync(new URL("../../../../docs/protocol/hearsay.md", import.meta.url), "utf8");
  const block = text.match(/```hex\n(.*?)```/s)?.[1];
  assert.ok(block !== undefined);
  const digits = block.split("\n").flatMap((line) => line.split("  ")[0]?.match(/[0-9A-F]{2}/g) ?? []);
  return Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
}

describe("the envelope", () => {
  it("is written as the document's example", () => {
    const messenger = new Messenger({ name: "a1", bootId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
    const written = messenger.publish("news", new TextEncoder().encode("hi"), URGENT, Date.UTC(2026, 0, 1)).bytes;
    assert.equal(Buffer.from(written).toString("hex"), Buffer.from(example()).toString("hex"));
    assert.equal(written.length, 40);
  });

  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(envelope, (value) => {
        const read = decodeEnvelope(encodeEnvelope(value));
        assert.ok(typeof read === "object");
        assert.deepEqual(
          { ...read, bootId: [...read.bootId], body: [...read.body] },
          {
            ...value,
            bootId: [...value.bootId],
            body: [...value.body],
          },
        );
      }),
    );
  });

  it("writes what it read to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 80 }), fc.nat(20), (tail, originBytes) => {
        const message = Uint8Array.from([0xc1, 0x48, 0x53, 1, 1, originBytes, ...tail]);
        const read = decodeEnvelope(message);
        if (typeof read === "string") return;
        assert.deepEqual([...encodeEnvelope(read)], [...message]);
      }),
      { numRuns: 1000 },
    );
  });

  it("is refused when it is cut anywhere before its body", () => {
    fc.assert(
      fc.property(envelope, fc.nat(), (value, at) => {
        const head = encodeEnvelope({ ...value, body: new Uint8Array(0) });
        assert.equal(decodeEnvelope(head.subarray(0, at % head.length)), "truncated");
      }),
    );
  });

  it("refuses an empty origin, a sequence of 0 and numbers that no double can hold", () => {
    const whole = example();
    const spoilt = (at: number, ...values: number[]): Uint8Array => {
      const copy = whole.slice();
      copy.set(values, at);
      return copy;
    };
    assert.equal(decodeEnvelope(spoilt(5, 0)), "bad-origin");
    assert.equal(decodeEnvelope(spoilt(16, 0, 0, 0, 0, 0, 0, 0, 0)), "bad-sequence");
    assert.equal(decodeEnvelope(spoilt(16, 0, 0x20, 0, 0, 0, 0, 0, 0)), "bad-sequence");
    assert.equal(decodeEnvelope(spoilt(25, 0xff)), "bad-time");
    assert.equal(typeof decodeEnvelope(spoilt(16, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)), "object");
  });

  it("is told from everything else by its first bytes alone", () => {
    assert.equal(kindOf(example()), 1);
    assert.equal(kindOf(Uint8Array.of(0xc1, 0x48, 0x53, 0)), 0);
    assert.equal(kindOf(Uint8Array.of(0xc1, 0x48, 0x53)), NO_KIND);
    assert.equal(kindOf(Uint8Array.of(0xc1, 0x48)), NO_ENVELOPE);
    assert.equal(kindOf(new Uint8Array(0)), NO_ENVELOPE);
    assert.equal(kindOf(new TextEncoder().encode("HSomething else")), NO_ENVELOPE);
  });
});
