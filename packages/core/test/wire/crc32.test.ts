import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as zlib from "node:zlib";
import { crc32 } from "@hearsay/core/wire";
import fc from "fast-check";
import { ascii } from "./bytes.ts";

/** The definition, bit by bit. */
function slowCrc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb8_8320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

describe("the checksum", () => {
  it("has the check value of CRC-32 IEEE", () => {
    assert.equal(crc32(ascii("123456789")), 0xcbf4_3926);
    assert.equal(crc32(new Uint8Array(0)), 0);
  });

  it("is the definition's and zlib's for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        assert.equal(crc32(bytes), slowCrc32(bytes));
        assert.equal(crc32(bytes), zlib.crc32(bytes));
      }),
    );
  });
});
