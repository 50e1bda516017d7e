import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Keyring } from "@hearsay/core/wire";
import { ClusterKeys } from "../../dist/crypto/cluster-keys.js";
import { loadKeyFile } from "../../dist/crypto/key-file.js";

const key = (fill: number) => new Uint8Array(16).fill(fill);

describe("the keys of a cluster with a key file", () => {
  it("are on disk as they are in memory after changes at the same time", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hearsay-keys-"));
    try {
      const path = join(folder, "keys.json");
      // Several rounds, since saves that overtake each other don't do so every time.
      for (let round = 0; round < 10; round++) {
        const ring = new Keyring([key(1)], key(1));
        const keys = new ClusterKeys(ring, path);
        const added = [2, 3, 4, 5].map((fill) => keys.add(key(fill)));
        await Promise.all([...added, keys.use(key(5)), keys.remove(key(1))]);
        assert.equal(ring.list().length, 4);
        assert.deepEqual(await loadKeyFile(path), ring.list());
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("can be changed again after the file could not be written", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hearsay-keys-"));
    const path = join(folder, "sub", "keys.json");
    const keys = new ClusterKeys(new Keyring([key(1)], key(1)), path);
    await assert.rejects(keys.add(key(2)), { code: "ERR_KEY_FILE" });
    rmSync(folder, { recursive: true });
    await assert.rejects(keys.add(key(3)), { code: "ERR_KEY_FILE" });
    assert.equal(keys.list().length, 3);
  });
});
