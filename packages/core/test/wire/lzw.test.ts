import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { below, Sfc32 } from "@hearsay/core";
import { LzwDecoder, LzwEncoder, type LzwProgress } from "@hearsay/core/wire";
import fc from "fast-check";
import { fromHex, toHex } from "./bytes.ts";

const encoder = new LzwEncoder();

function compressed(input: Uint8Array, inputBytesPerStep = Number.POSITIVE_INFINITY): Uint8Array {
  encoder.begin(input);
  while (!encoder.step(inputBytesPerStep));
  return encoder.result().slice();
}

function decompressed(
  input: Uint8Array,
  limit = 1 << 26,
  outputBytesPerStep = Number.POSITIVE_INFINITY,
  capacityOf: (capacities: readonly number[]) => number | undefined = ([best]) => best,
): { readonly progress: LzwProgress; readonly output: Uint8Array; readonly steps: number } {
  const decoder = new LzwDecoder();
  decoder.begin(input, limit, capacityOf(LzwDecoder.firstCapacities(input.length, limit)) ?? 0);
  let steps = 1;
  let progress = decoder.step(outputBytesPerStep);
  for (; progress === "more" || progress === "full"; steps++) {
    if (progress === "full") decoder.reserve(capacityOf(decoder.capacities()) ?? 0);
    progress = decoder.step(outputBytesPerStep);
  }
  return { progress, output: decoder.result(), steps };
}

/** Bytes from a small alphabet, which compress, or from all 256, which do not. */
function noise(seed: number, length: number, alphabet: number): Uint8Array {
  const random = new Sfc32(seed);
  return Uint8Array.from({ length }, () => below(random, alphabet));
}

/** Packs codes, each with its width, least significant bit first. */
function packed(...codes: readonly (readonly [code: number, width: number])[]): Uint8Array {
  let bits = 0n;
  let length = 0n;
  for (const [code, width] of codes) {
    bits |= BigInt(code) << length;
    length += BigInt(width);
  }
  return Uint8Array.from({ length: Number((length + 7n) / 8n) }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn));
}

describe("LZW", () => {
  it("gives back any of many inputs, whose tables are told apart by a number that comes round", () => {
    for (let i = 0; i < 9000; i++) {
      const input = noise(i % 4096, 60, 8);
      assert.deepEqual(decompressed(compressed(input)).output.slice(), input, `input ${i}`);
    }
  });

  it("gives back any input", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (input) => {
        const { progress, output } = decompressed(compressed(input));
        assert.equal(progress, "done");
        assert.deepEqual(output.slice(), input);
      }),
    );
  });

  it("gives back long inputs, over many tables and every code width", () => {
    for (const [length, alphabet] of [
      [5000, 256],
      [100_000, 256],
      [200_000, 7],
      [300_000, 1],
      [300_000, 2],
    ] as const) {
      const input = noise(1, length, alphabet);
      const { progress, output } = decompressed(compressed(input));
      assert.equal(progress, "done");
      assert.equal(Buffer.compare(output, input), 0, `${length} of ${alphabet}`);
    }
  });

  it("is the same however the work is cut into steps", () => {
    const input = noise(2, 20_000, 20);
    const whole = compressed(input);
    assert.equal(toHex(compressed(input, 1)), toHex(whole));
    assert.equal(toHex(compressed(input, 777)), toHex(whole));
    const sliced = decompressed(whole, 1 << 20, 100);
    assert.equal(Buffer.compare(sliced.output, input), 0);
    // Each step may exceed its budget by one text only.
    assert.ok(sliced.steps >= 20_000 / 200 && sliced.steps <= 20_000 / 100 + 1, `${sliced.steps} steps`);
  });

  it("of nothing is a clear code and an end code", () => {
    assert.equal(toHex(compressed(new Uint8Array(0))), toHex(packed([256, 9], [257, 9])));
  });

  it("takes the code that it is about to define", () => {
    const { progress, output } = decompressed(packed([256, 9], [97, 9], [258, 9], [257, 9]));
    assert.equal(progress, "done");
    assert.deepEqual(output.slice(), fromHex("616161"));
  });

  it("fails on codes that are not defined yet and on input without an end", () => {
    assert.equal(decompressed(packed([256, 9], [258, 9], [257, 9])).progress, "failed");
    assert.equal(decompressed(packed([256, 9], [97, 9], [259, 9], [257, 9])).progress, "failed");
    assert.equal(decompressed(packed([256, 9], [97, 9])).progress, "failed");
    assert.equal(decompressed(new Uint8Array(0)).progress, "failed");
  });

  it("goes on with a full table, as encoders that never clear it expect", () => {
    // Literals only: 258 to 4095 get defined by the 3839th, and no code is added after that.
    const codes: [number, number][] = [];
    let next = 257;
    for (let i = 0; i < 6000; i++) {
      codes.push([i & 0x7f, Math.min(12, 32 - Math.clz32(next))]);
      next++;
    }
    codes.push([4095, 12], [4094, 12], [257, 12]);
    const { progress, output } = decompressed(packed(...codes));
    assert.equal(progress, "done");
    assert.equal(output.length, 6000 + 2 + 2);
    // Code 258 + k stands for the literals k and k + 1.
    assert.deepEqual([...output.subarray(6000)], [3837 & 0x7f, 3838 & 0x7f, 3836 & 0x7f, 3837 & 0x7f]);
  });

  it("stops at its limit, before it holds more than that", () => {
    const bomb = compressed(new Uint8Array(10_000_000));
    assert.ok(bomb.length < 60_000);
    for (const limit of [0, 1, 65_535, 1_000_000]) {
      const { progress, output } = decompressed(bomb, limit);
      assert.equal(progress, "too-large");
      assert.ok(output.length <= limit && output.buffer.byteLength <= limit);
    }
    assert.equal(decompressed(bomb, 10_000_000).progress, "done");
  });

  it("goes on with memory that has room for the longest text that a code can stand for", () => {
    const decoder = new LzwDecoder();
    decoder.begin(compressed(new Uint8Array(100_000)), 1 << 26, 256);
    while (decoder.step(1) === "more");
    assert.ok(decoder.outputBytes <= 256);
    for (const capacity of decoder.capacities()) assert.equal(capacity, decoder.outputBytes + 4096);
  });

  it("never throws, and never reserves more than it was given reason to", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
        const { output } = decompressed(input, 1 << 26);
        assert.ok(output.buffer.byteLength <= Math.max(256, 3 * input.length, 2 * output.length));
      }),
      { numRuns: 1000 },
    );
  });

  it("does not remember the input before", () => {
    const once = noise(3, 3000, 10);
    const first = toHex(compressed(once));
    for (let i = 0; i < 5000; i++) compressed(Uint8Array.of(i, i >> 8, i, i >> 8));
    assert.equal(toHex(compressed(once)), first);
  });
});
