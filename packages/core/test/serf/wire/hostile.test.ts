import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeSerfMessage, matchesFilters, type RegExpMatcher, replaySnapshot, SerfDecoder } from "@hearsay/core/serf";
import { isFault } from "@hearsay/core/wire";
import { loadVectors } from "@hearsay/testkit/vectors";
import fc from "fast-check";
import { fromHex, joined } from "../../wire/bytes.ts";
import { mutated } from "../../wire/mutated.ts";
import { message } from "./arbitraries.ts";

const decoder = new SerfDecoder();

const vectors = loadVectors()
  .filter(({ kind }) => kind.startsWith("serf-") || kind === "snapshot")
  .map(({ hex }) => fromHex(hex));

/** A vector or a message, damaged. */
const damaged = mutated(
  fc.oneof(
    fc.constantFrom(...vectors),
    message.map((original) => encodeSerfMessage(original)),
  ),
);

/** Any bytes behind each of the types, or as they are. */
const typed = fc
  .tuple(fc.nat(9), fc.uint8Array({ maxLength: 200 }))
  .map(([type, bytes]) => joined(Uint8Array.of(type), bytes));

const hostile = fc.oneof(fc.uint8Array({ maxLength: 200 }), typed, damaged);

const matcher: RegExpMatcher = { isFound: (expression, text) => text.includes(expression) };

/** How many values a decoded thing consists of, and how many bytes and characters they hold together. */
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array || typeof value === "string") return 1 + value.length;
  if (value instanceof Map) return sizeOf([...value].flat());
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + sizeOf(part), 1);
}

/** A struct has some fields of its own, even if its bytes don't mention them. */
const SIZE_PER_BYTE = 8;
const SIZE_OF_EMPTY = 30;

describe("hostile bytes", () => {
  it("never throw out of the decoder, nor make more than there are bytes for", () => {
    fc.assert(
      fc.property(hostile, (bytes) => {
        for (const result of [
          decoder.decode(bytes, 0, bytes.length),
          decoder.tags(bytes),
          decoder.filter(bytes),
          decoder.coordinatePayload(bytes),
          replaySnapshot(bytes, false),
        ]) {
          assert.ok(sizeOf(result) <= SIZE_PER_BYTE * bytes.length + SIZE_OF_EMPTY);
        }
        matchesFilters([bytes], { name: "a", tags: new Map() }, matcher, decoder, () => true);
      }),
      { numRuns: 5000 },
    );
  });

  it("mean the same whatever stands behind them, but for a relay", () => {
    fc.assert(
      fc.property(hostile, fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(400), (bytes, behind, cut) => {
        const part = bytes.subarray(0, cut);
        assert.deepEqual(decoder.decode(joined(part, behind), 0, part.length), decoder.decode(part, 0, part.length));
      }),
      { numRuns: 2000 },
    );
  });

  it("that are accepted can be written, and then mean the same", () => {
    let accepted = 0;
    fc.assert(
      fc.property(damaged, (bytes) => {
        const result = decoder.decode(bytes, 0, bytes.length);
        if (isFault(result)) return;
        accepted++;
        const again = encodeSerfMessage(result);
        assert.deepEqual(decoder.decode(again, 0, again.length), result);
      }),
      { numRuns: 3000 },
    );
    assert.ok(accepted > 100, `only ${accepted} were accepted`);
  });

  it("cannot make anything out of a length that they only claim", () => {
    const places = [
      ...["00", "0081a158", "0081a44e6f6465", "0281a64576656e7473", "0281ab4c6566744d656d62657273"],
      ...["0281ac5374617475734c54696d6573", "0281a64576656e74739181a64576656e7473", "0481a746696c74657273"],
      ...["0481a75061796c6f6164", "0681a454616773", "0781a34b6579", "0881a44b657973", "0981a84465737441646472"],
    ];
    for (const head of ["dbffffffff", "c6ffffffff", "ddffffffff", "dfffffffff", "c9ffffffff"]) {
      for (const place of places) {
        const bytes = fromHex(`${place}${head}`);
        assert.ok(isFault(decoder.decode(bytes, 0, bytes.length)), `${place} ${head}`);
      }
      assert.ok(isFault(decoder.tags(fromHex(`ff${head}`))));
      assert.ok(isFault(decoder.filter(fromHex(`00${head}`))));
      assert.ok(isFault(decoder.filter(fromHex(`0181a445787072${head}`))));
      assert.ok(isFault(decoder.coordinatePayload(fromHex(`0181a3566563${head}`))));
    }
  });

  it("nested without end are read without a stack", () => {
    const deep = joined(fromHex("0181a158"), new Uint8Array(1_000_000).fill(0x91), fromHex("05"));
    assert.deepEqual(decoder.decode(deep, 0, deep.length), { type: 1, lTime: 0, node: "" });
    const relays = Array.from({ length: 20_000 }, () => fromHex("09c0"));
    const nested = joined(...relays);
    const outermost = decoder.decode(nested, 0, nested.length);
    assert.ok(!isFault(outermost) && "destName" in outermost);
    assert.equal(outermost.message.length, nested.length - 2);
  });

  const worst: readonly (readonly [what: string, of: (length: number) => Uint8Array])[] = [
    ["empty names", (length) => listOf("0281ab4c6566744d656d62657273", length, "a0")],
    ["unknown keys", (length) => listOf("01", length, "a158c0", 0xdf)],
    ["one key again and again", (length) => listOf("01", length, "a44e6f6465a161", 0xdf)],
    ["members with the same name", (length) => listOf("0281ac5374617475734c54696d6573", length, "a000", 0xdf)],
    ["filters of a type that nobody knows", (length) => listOf("0481a746696c74657273", length, "a1ff")],
    ["a name of many characters", (length) => joined(fromHex("0181a44e6f6465db"), u32(length), filled(length, 0xf0))],
    ["a name as an array", (length) => listOf("0181a44e6f6465", length, "61")],
  ];
  for (const [what, of] of worst) {
    it(`take a time that grows with their length: ${what}`, () => {
      const bytes = of(500_000);
      assert.ok(!isFault(decoder.decode(bytes, 0, bytes.length)));
      const started = process.cpuUsage();
      decoder.decode(bytes, 0, bytes.length);
      // Far below a second; quadratic work would be 250 billion steps.
      assert.ok(process.cpuUsage(started).user < 10_000_000);
    });
  }

  it("cannot make a state hold a multiple of its length in objects", () => {
    // One byte makes an event with a name and a payload, so their number is limited.
    const slots = listOf("0281a64576656e74739181a64576656e7473", 1_000_000, "80");
    const result = decoder.decode(slots, 0, slots.length);
    assert.ok(isFault(result) && result.reason === "too-large");
  });
});

/** A head, an array or map of `count` elements, and the elements, each the same. */
function listOf(prefix: string, count: number, element: string, head: number = 0xdd): Uint8Array {
  const one = fromHex(element);
  const elements = new Uint8Array(count * one.length);
  for (let i = 0; i < count; i++) elements.set(one, i * one.length);
  return joined(fromHex(prefix), Uint8Array.of(head), u32(count), elements);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function filled(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}
