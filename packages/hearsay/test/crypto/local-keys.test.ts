import assert from "node:assert/strict";
import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Keyring } from "@hearsay/core/wire";
import { loadKeyFile, saveKeyFile } from "../../dist/crypto/key-file.js";
import { writeKey } from "../../dist/crypto/keys.js";
import { LocalKeys } from "../../dist/crypto/local-keys.js";

const key = (fill: number) => new Uint8Array(16).fill(fill);

describe("the keys of a cluster with a key file", () => {
  it("are on disk as they are in memory after changes at the same time", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hearsay-keys-"));
    try {
      const path = join(folder, "keys.json");
      // Several rounds, since saves that overtake each other don't do so every time.
      for (let round = 0; round < 10; round++) {
        const ring = new Keyring([key(1)], key(1));
        const keys = new LocalKeys(ring, path);
        const added = [2, 3, 4, 5].map((fill) => keys.add(key(fill)));
        await Promise.all([...added, keys.use(key(5)), keys.remove(key(1))]);
        assert.equal(ring.list().length, 4);
        assert.deepEqual(await loadKeyFile(path), ring.list());
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are as before where the file could not be written, and can be changed again once it can", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hearsay-keys-"));
    try {
      const path = join(folder, "sub", "keys.json");
      const ring = new Keyring([key(1), key(2)], key(1));
      const keys = new LocalKeys(ring, path);
      const changes = [keys.add(key(3)), keys.use(key(2)), keys.remove(key(2))];
      for (const change of changes) await assert.rejects(change, { code: "ERR_KEY_FILE" });
      assert.deepEqual(ring.list(), [key(1), key(2)]);
      mkdirSync(join(folder, "sub"));
      await keys.use(key(2));
      assert.deepEqual(ring.list(), [key(2), key(1)]);
      assert.deepEqual(await loadKeyFile(path), ring.list());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("see what the changes before them have made, one of which may be refused", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hearsay-keys-"));
    try {
      const ring = new Keyring([key(1)], key(1));
      const keys = new LocalKeys(ring, join(folder, "keys.json"));
      const bytes = key(2);
      const added = keys.add(bytes);
      // What was given is taken at once.
      bytes.fill(9);
      const refused = assert.rejects(keys.use(key(3)), { code: "ERR_KEYRING" });
      await Promise.all([added, refused, keys.use(key(2)), keys.remove(key(1))]);
      assert.deepEqual(ring.list(), [key(2)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("go into the file that a symbolic link leads to, and leave the link", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hearsay-keys-"));
    try {
      const [real, link] = [join(folder, "real.json"), join(folder, "link.json")];
      writeFileSync(real, JSON.stringify([writeKey(key(1))]));
      symlinkSync(real, link);
      const keys = new LocalKeys(new Keyring(await loadKeyFile(link), key(1)), link);
      await keys.add(key(2));
      assert.ok(lstatSync(link).isSymbolicLink());
      assert.deepEqual(await loadKeyFile(real), [key(1), key(2)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("go to where a symbolic link leads even if there is no file yet", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hearsay-keys-"));
    try {
      const link = join(folder, "link.json");
      symlinkSync("real.json", link);
      await saveKeyFile(link, [key(1)]);
      assert.ok(lstatSync(link).isSymbolicLink());
      assert.deepEqual(await loadKeyFile(join(folder, "real.json")), [key(1)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
