import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeTags, SerfDecoder, TAGS_BYTES_MAX, type Tags } from "@hearsay/core/serf";
import { isFault } from "@hearsay/core/wire";
import fc from "fast-check";
import { ascii, fromHex, joined, toHex } from "../../wire/bytes.ts";
import { tags } from "./arbitraries.ts";

const decoder = new SerfDecoder();

function encoded(given: Tags, protocol?: number): Uint8Array {
  const meta = encodeTags(given, protocol);
  if (isFault(meta)) assert.fail(meta.reason);
  return meta;
}

function decoded(meta: Uint8Array): [string, string][] {
  const result = decoder.tags(meta);
  if (isFault(result)) assert.fail(result.reason);
  return [...result];
}

function reasonOf(meta: Uint8Array): string {
  const result = decoder.tags(meta);
  return isFault(result) ? result.reason : "accepted";
}

describe("tags", () => {
  it("read back as they were written, in their order, or are too large", () => {
    fc.assert(
      fc.property(tags, (given) => {
        const meta = encodeTags(given);
        if (isFault(meta)) assert.equal(meta.reason, "too-large");
        else assert.deepEqual(decoded(meta), [...given]);
      }),
    );
  });

  it("keep the order in which they were given, whatever they are called", () => {
    const given: [string, string][] = [
      ["b", "1"],
      ["a", "2"],
      ["10", "3"],
      ["9", "4"],
      ["__proto__", "5"],
    ];
    assert.deepEqual(decoded(encoded(new Map(given))), given);
  });

  it("may need 512 bytes and no more", () => {
    // One byte for the form, one for the map, two for the key, three for the head of the value.
    const longest = "x".repeat(TAGS_BYTES_MAX - 7);
    assert.equal(encoded(new Map([["k", longest]])).length, 512);
    const result = encodeTags(new Map([["k", `${longest}x`]]));
    assert.ok(isFault(result) && result.reason === "too-large");
  });

  it("count bytes, not characters", () => {
    assert.ok(!isFault(encodeTags(new Map([["k", "é".repeat(252)]]))));
    assert.ok(isFault(encodeTags(new Map([["k", "é".repeat(253)]]))));
  });

  it("were only a role once", () => {
    assert.deepEqual(decoded(ascii("web")), [["role", "web"]]);
    assert.deepEqual(decoded(new Uint8Array(0)), [["role", ""]]);
    assert.deepEqual(decoded(fromHex("80")), [["role", "\udc80"]]);
    const given = new Map([
      ["dc", "east"],
      ["role", "web"],
    ]);
    assert.equal(toHex(encoded(given, 2)), toHex(ascii("web")));
    assert.equal(encoded(new Map([["dc", "east"]]), 2).length, 0);
    assert.equal(encoded(given, 3)[0], 0xff);
    assert.ok(isFault(encodeTags(new Map([["role", "x".repeat(513)]]), 2)));
  });

  it("of any bytes come out as they came in", () => {
    const meta = joined(fromHex("ff81a2fffea3"), fromHex("80c3ed"));
    assert.equal(toHex(encoded(new Map(decoded(meta)))), toHex(meta));
  });

  it("are read leniently", () => {
    assert.deepEqual(decoded(fromHex("ffc0")), []);
    assert.deepEqual(decoded(fromHex("ff81d9016bc40176")), [["k", "v"]]);
    assert.deepEqual(decoded(fromHex("ff81a16bc0")), [["k", ""]]);
    assert.deepEqual(decoded(fromHex("ff82a16ba176a16ba177")), [["k", "w"]]);
    assert.deepEqual(decoded(fromHex("ff80ffff")), []);
  });

  it("are refused when they are none", () => {
    assert.equal(reasonOf(fromHex("ff")), "truncated");
    assert.equal(reasonOf(fromHex("ff81a16b")), "truncated");
    assert.equal(reasonOf(fromHex("ff90")), "bad-value");
    assert.equal(reasonOf(fromHex("ff05")), "bad-value");
    assert.equal(reasonOf(fromHex("ff81a16b05")), "bad-value");
  });
});
