import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { inspect } from "node:util";
import { isHearsayError } from "../../dist/base/errors.js";
import { loadKeyFile, openKeyFile, saveKeyFile } from "../../dist/crypto/key-file.js";
import { generateKey, readKey, readKeys, writeKey } from "../../dist/crypto/keys.js";

describe("keys", () => {
  it("that are generated read as keys of their length, and no two are the same", () => {
    for (const length of [16, 24, 32] as const) assert.equal(readKey(generateKey(length)).length, length);
    assert.equal(readKey(generateKey()).length, 32);
    assert.notEqual(generateKey(), generateKey());
  });

  it("are base64 texts or bytes", () => {
    const key = Uint8Array.from({ length: 16 }, (_, i) => i * 17);
    assert.deepEqual(readKey(writeKey(key)), key);
    assert.deepEqual(readKey(` ${writeKey(key)}\n`), key);
    assert.deepEqual(readKey(key), key);
  });

  it("printed in the founding document read as what they are: one real key, and a placeholder", () => {
    assert.equal(readKey("xK7dQm9pR8vLnM3wYhA2cE5fG6jN1sU4tB0oZiXeHrI=").length, 32);
    assert.throws(
      () => readKeys(["your-base64-encoded-key"]),
      (error) =>
        isHearsayError(error, "ERR_KEYRING") &&
        /not base64; it must be base64 text of 16, 24 or 32/.test(error.message),
    );
  });

  for (const [input, problem] of [
    [undefined, /undefined/],
    [7, /type number/],
    ["", /empty/],
    ["   ", /empty/],
    ["not base64!!", /not base64/],
    ["QUJD*QUJDQUJDQUJDQUJDQ==", /not base64/],
    [Buffer.alloc(20).toString("base64"), /20 bytes/],
    [new Uint8Array(33), /33 bytes/],
    [Buffer.alloc(16).toString("base64").replace(/=+$/, ""), /not base64/],
  ] as const) {
    it(`${inspect(input)} is none`, () => assert.match(String(readKey(input)), problem));
  }

  it("are 64 at the most, duplicates not counted", () => {
    const keys = Array.from({ length: 64 }, () => generateKey());
    assert.equal(readKeys([...keys, keys[0]]).length, 64);
    assert.throws(
      () => readKeys([...keys, generateKey()]),
      (error) => isHearsayError(error, "ERR_KEYRING") && /there are 65 keys; there may be 64/.test(error.message),
    );
  });

  it("in a list are named by their index when they are wrong", () => {
    assert.throws(
      () => readKeys([generateKey(), "AAAA"]),
      (error) => isHearsayError(error, "ERR_KEYRING") && /^key 1: it has 3 bytes/.test(error.message),
    );
  });
});

describe("the key file", () => {
  const folder = mkdtempSync(join(tmpdir(), "hearsay-keys-"));
  after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "keyring.json");
  const keys = [new Uint8Array(32).fill(1), new Uint8Array(16).fill(2)];

  it("holds what was saved, as Serf's list, for its owner only", async () => {
    await saveKeyFile(path, keys);
    assert.deepEqual(await loadKeyFile(path), keys);
    assert.deepEqual(JSON.parse(readFileSync(path, "utf8")), keys.map(writeKey));
    if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("is replaced as a whole, also by several at once, and nothing else stays", async () => {
    chmodSync(path, 0o644);
    await Promise.all(Array.from({ length: 5 }, () => saveKeyFile(path, keys.slice(1))));
    assert.deepEqual(await loadKeyFile(path), keys.slice(1));
    assert.deepEqual(readdirSync(folder), ["keyring.json"]);
    if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("counts before the keys that were configured, which only create it", async () => {
    const other = join(folder, "other.json");
    assert.deepEqual(await openKeyFile(other, keys), keys);
    assert.deepEqual(await openKeyFile(other, [new Uint8Array(24)]), keys);
    await assert.rejects(openKeyFile(join(folder, "none.json"), []), (error) => isHearsayError(error, "ERR_KEY_FILE"));
  });

  it("that can't be used is an error with the path and without a key", async () => {
    const secret = generateKey();
    const broken = join(folder, "broken.json");
    for (const text of [
      `["${secret}"`,
      `{"key":"${secret}"}`,
      "[]",
      `["${secret.slice(4)}"]`,
      `["${secret}", 5]`,
      "",
    ]) {
      writeFileSync(broken, text);
      await assert.rejects(openKeyFile(broken, keys), (error) => {
        assert.ok(isHearsayError(error, "ERR_KEY_FILE") && error.data.path === broken);
        assert.ok(!inspect(error, { depth: null }).includes(secret.slice(4, 12)), inspect(error));
        return true;
      });
      assert.equal(readFileSync(broken, "utf8"), text);
    }
  });

  it("that can't be written is an error, and no draft stays", async () => {
    const nowhere = join(folder, "missing", "keys.json");
    await assert.rejects(saveKeyFile(nowhere, keys), (error) => isHearsayError(error, "ERR_KEY_FILE"));
  });
});
