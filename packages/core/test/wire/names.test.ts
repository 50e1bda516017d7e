import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeName, encodeName, NameCache } from "@hearsay/core/wire";
import fc from "fast-check";
import { fromHex } from "./bytes.ts";

/** Bytes that are nearly UTF-8: whole characters with single bytes between them. */
const nearlyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 3 }),
    ),
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)));

describe("names", () => {
  it("give back any bytes that they came from", () => {
    fc.assert(
      fc.property(fc.oneof(nearlyText, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        assert.deepEqual(encodeName(decodeName(bytes, 0, bytes.length)), bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it("of valid UTF-8 read as that text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const bytes = Buffer.from(text);
        assert.equal(decodeName(bytes, 0, bytes.length), text);
        assert.deepEqual(encodeName(text), Uint8Array.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it("spell every byte outside UTF-8 as a lone surrogate of its own", () => {
    const cases: readonly (readonly [string, string])[] = [
      ["ff", "\udcff"],
      ["80 61", "\udc80a"],
      ["c0 80", "\udcc0\udc80"],
      ["e0 80 80", "\udce0\udc80\udc80"],
      ["ed a0 80", "\udced\udca0\udc80"],
      ["f0 80 80 80", "\udcf0\udc80\udc80\udc80"],
      ["f4 90 80 80", "\udcf4\udc90\udc80\udc80"],
      ["f0 90 80 80 80", "\u{10000}\udc80"],
      ["e2 82", "\udce2\udc82"],
    ];
    for (const [hex, text] of cases) assert.equal(decodeName(fromHex(hex), 0, fromHex(hex).length), text, hex);
  });

  it("that no bytes decode to are written as replacement characters", () => {
    for (const unit of ["\ud800", "\udc00", "\udc7f", "\udd00", "\udfff"]) {
      assert.deepEqual(encodeName(unit), fromHex("efbfbd"));
    }
  });

  it("come out of a cache as they would without it", () => {
    const cache = new NameCache();
    fc.assert(
      fc.property(fc.array(fc.oneof(nearlyText, fc.uint8Array({ maxLength: 3 })), { maxLength: 50 }), (names) => {
        for (const bytes of [...names, ...names]) {
          assert.equal(cache.get(bytes, 0, bytes.length), decodeName(bytes, 0, bytes.length));
        }
      }),
    );
    // Far more names than it starts with room for.
    for (let i = 0; i < 40_000; i++) {
      const bytes = Buffer.from(`node-${i % 20_000}`);
      assert.equal(cache.get(bytes, 0, bytes.length), `node-${i % 20_000}`);
    }
  });
});
