import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

describe("the list of mutations", () => {
  it("finds every place that it changes, once, and every test that it names", () => {
    const main = fileURLToPath(new URL("main.js", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [main, "--list"], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });
});
