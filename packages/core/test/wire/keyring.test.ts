import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KEYS_MAX, Keyring, KeyringError } from "@hearsay/core/wire";

const A = new Uint8Array(16).fill(1);
const B = new Uint8Array(24).fill(2);
const C = new Uint8Array(32).fill(3);

describe("a keyring", () => {
  it("puts the primary first, then the others in order without duplicates", () => {
    assert.deepEqual(new Keyring([A, B, A, C], C).list(), [C, A, B]);
    assert.deepEqual(new Keyring([], B).list(), [B]);
  });

  it("is disabled while it is empty, and its first key is the primary", () => {
    const ring = new Keyring();
    assert.equal(ring.isEnabled, false);
    assert.equal(ring.primary, null);
    ring.add(A);
    ring.add(B);
    ring.add(A.slice());
    assert.equal(ring.isEnabled, true);
    assert.deepEqual(ring.primary, A);
    assert.deepEqual(ring.list(), [A, B]);
  });

  it("moves a used key to the front and keeps the order of the others", () => {
    const ring = new Keyring([B, C], A);
    ring.use(C.slice());
    assert.deepEqual(ring.list(), [C, A, B]);
    ring.use(C);
    assert.deepEqual(ring.list(), [C, A, B]);
  });

  it("drops keys but the primary, and unknown ones silently", () => {
    const ring = new Keyring([B, C], A);
    ring.remove(B.slice());
    ring.remove(B);
    assert.deepEqual(ring.list(), [A, C]);
  });

  it("refuses with the reference's texts and stays as it was", () => {
    const ring = new Keyring([B], A);
    const refusals: readonly (readonly [() => unknown, string])[] = [
      [() => ring.add(new Uint8Array(17)), "key size must be 16, 24 or 32 bytes"],
      [() => ring.add(new Uint8Array(0)), "key size must be 16, 24 or 32 bytes"],
      [() => ring.use(C), "requested key is not in the keyring"],
      [() => ring.remove(A), "removing the primary key is not allowed"],
      [() => new Keyring([A]), "empty primary key not allowed"],
    ];
    for (const [attempt, message] of refusals) {
      assert.throws(attempt, (error) => error instanceof KeyringError && error.message === message);
    }
    assert.deepEqual(ring.list(), [A, B]);
  });

  it("holds so many keys and no more", () => {
    const ring = new Keyring();
    const key = (i: number): Uint8Array => new Uint8Array(16).fill(i);
    for (let i = 0; i < KEYS_MAX; i++) ring.add(key(i));
    ring.add(key(3));
    assert.throws(
      () => ring.add(key(KEYS_MAX)),
      (error) => error instanceof KeyringError && error.code === "full",
    );
    ring.remove(key(3));
    ring.add(key(KEYS_MAX));
    assert.equal(ring.list().length, KEYS_MAX);
  });

  it("keeps its own copy of a key", () => {
    const key = A.slice();
    const ring = new Keyring([], key);
    key.fill(9);
    assert.deepEqual(ring.primary, A);
  });
});
