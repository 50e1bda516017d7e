import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mixed, murmur3 } from "../../dist/ring/hash.js";
import { naturalLog } from "../../dist/ring/natural-log.js";

describe("the hash of keys and members", () => {
  it("is MurmurHash3_x86_32 of the UTF-16LE bytes", () => {
    // The algorithm's well-known vectors of an even number of bytes.
    const vectors: readonly (readonly [string, number, number])[] = [
      ["", 0, 0],
      ["", 1, 0x514e28b7],
      ["", 0xffffffff, 0x81f16f39],
      ["\uffff\uffff", 0, 0x76293b50],
      ["\u4321\u8765", 0, 0xf55b516b],
      ["\u4321\u8765", 0x5082edee, 0x2362f9de],
      ["\u4321", 0, 0xa0f7b07a],
      ["\0\0", 0, 0x2362f9de],
      ["\0", 0, 0x30f4c306],
      ["\u6161\u6161", 0x9747b28c, 0x5a97808a],
      ["\u6161", 0x9747b28c, 0x5d211726],
      ["\u6261\u6463", 0x9747b28c, 0xf0478627],
      ["\u6261", 0x9747b28c, 0x74875592],
    ];
    for (const [text, seed, hash] of vectors) assert.equal(murmur3(text, seed), hash, JSON.stringify(text));
  });

  it("fills 256 cells evenly, from its upper bits and from its lower ones", () => {
    const count = 100_000;
    for (const hashOf of [
      (i: number) => murmur3(`node-${i}`, 7),
      (i: number) => mixed(i, 0x1234, 0x5678),
      (i: number) => mixed(0x1234, i, 0x5678),
      (i: number) => mixed(0x1234, 0x5678, i),
    ]) {
      for (const shift of [0, 24]) {
        const cells = new Array<number>(256).fill(0);
        for (let i = 0; i < count; i++) {
          const cell = (hashOf(i) >>> shift) & 0xff;
          cells[cell] = (cells[cell] ?? 0) + 1;
        }
        const expected = count / 256;
        const chiSquare = cells.reduce((sum, cell) => sum + (cell - expected) ** 2 / expected, 0);
        // 255 degrees of freedom: 255 +- 22.6, taken five times.
        assert.ok(chiSquare < 368, `${chiSquare}`);
      }
    }
  });

  it("keeps members apart that agree in half of their bits", () => {
    const draws = Array.from({ length: 1000 }, (_, key) => mixed(key, 1, 2) > mixed(key, 1, 3));
    const wins = draws.filter(Boolean).length;
    assert.ok(wins > 400 && wins < 600, `${wins}`);
  });
});

describe("the logarithm that all engines agree on", () => {
  it("is that of this one, to the last bits", () => {
    for (let i = 1; i < 100_000; i++) {
      const value = (i * 42_949 + 0.5) / 0x1_0000_0000;
      const expected = Math.log(value);
      assert.ok(Math.abs(naturalLog(value) - expected) <= 4e-16 * Math.abs(expected), `${value}`);
    }
  });

  it("rises with every draw at both ends", () => {
    for (const start of [0, 0xffff_ff00]) {
      for (let draw = start; draw < start + 255; draw++) {
        const [one, next] = [(draw + 0.5) / 0x1_0000_0000, (draw + 1.5) / 0x1_0000_0000];
        assert.ok(naturalLog(one) < naturalLog(next) && naturalLog(next) < 0);
      }
    }
  });
});
