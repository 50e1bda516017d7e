import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { nodeCipher } from "../../dist/crypto/node-cipher.js";

const NONE = new Uint8Array(0);
const LENGTHS = [16, 24, 32] as const;

function seal(key: Uint8Array, text: Uint8Array, aad: Uint8Array, cipher = nodeCipher()): Uint8Array {
  const out = new Uint8Array(text.length + 28);
  cipher.seal(key, text, aad, out, 0);
  return out;
}

describe("the cipher", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });

  for (const length of LENGTHS) {
    const key = Uint8Array.from({ length }, (_, i) => i * 3);

    it(`opens what it sealed with a key of ${length} bytes`, () => {
      const cipher = nodeCipher();
      fc.assert(
        fc.property(bytes, bytes, (text, aad) => {
          const opened = cipher.open(key, seal(key, text, aad, cipher), aad);
          assert.deepEqual(opened && Uint8Array.from(opened), text);
        }),
        { numRuns: 50 },
      );
    });

    it(`writes nonce, ciphertext and tag of AES-${length * 8}-GCM`, () => {
      const nonce = Uint8Array.from({ length: 12 }, (_, i) => 100 + i);
      const text = Buffer.from("who is there?");
      const aad = Buffer.from("label");
      const algorithm = ({ 16: "aes-128-gcm", 24: "aes-192-gcm", 32: "aes-256-gcm" } as const)[length];
      const oracle = createCipheriv(algorithm, key, nonce).setAAD(aad);
      const expected = Buffer.concat([nonce, oracle.update(text), oracle.final(), oracle.getAuthTag()]);
      assert.deepEqual(Buffer.from(seal(key, text, aad, nodeCipher({ next: () => nonce }))), expected);
    });
  }

  it("writes where it is told and nowhere else", () => {
    const key = new Uint8Array(16);
    const out = new Uint8Array(100).fill(0xee);
    nodeCipher().seal(key, Uint8Array.of(1, 2, 3), NONE, out, 10);
    assert.ok(out.subarray(0, 10).every((byte) => byte === 0xee));
    assert.ok(out.subarray(10 + 31).every((byte) => byte === 0xee));
    assert.deepEqual([...(nodeCipher().open(key, out.subarray(10, 41), NONE) ?? [])], [1, 2, 3]);
  });

  it("doesn't open what was changed in any byte, or belongs to another key or label", () => {
    const key = new Uint8Array(32).fill(1);
    const aad = Uint8Array.of(7);
    const sealed = seal(key, Uint8Array.of(1, 2, 3, 4), aad);
    const cipher = nodeCipher();
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      assert.equal(cipher.open(key, changed, aad), null, `byte ${i}`);
    }
    assert.equal(cipher.open(new Uint8Array(32).fill(2), sealed, aad), null);
    assert.equal(cipher.open(key, sealed, Uint8Array.of(8)), null);
    assert.equal(cipher.open(key, sealed, NONE), null);
    assert.ok(cipher.open(key, sealed, aad));
  });

  it("doesn't throw for anything that could arrive", () => {
    const key = new Uint8Array(16);
    fc.assert(fc.property(bytes, bytes, (junk, aad) => assert.equal(nodeCipher().open(key, junk, aad), null)));
    for (let length = 0; length < 30; length++)
      assert.equal(nodeCipher().open(key, new Uint8Array(length), NONE), null);
  });

  it("never uses a nonce twice", () => {
    const cipher = nodeCipher();
    const key = new Uint8Array(16);
    const nonces = new Set<string>();
    // More than the pool holds, so that it is filled again in between.
    for (let i = 0; i < 3000; i++)
      nonces.add(Buffer.from(seal(key, NONE, NONE, cipher).subarray(0, 12)).toString("hex"));
    assert.equal(nonces.size, 3000);
  });

  it("refuses a key of another length", () => {
    assert.throws(() => seal(new Uint8Array(20), NONE, NONE), RangeError);
  });
});
