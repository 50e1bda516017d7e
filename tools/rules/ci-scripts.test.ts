import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { root } from "./repository.ts";

/** Stubs that replace the real programs, so that nothing is installed, built or written. */
const STUBS: Readonly<Record<string, string>> = {
  node: 'case "$1" in tools/node-release.mjs) dirname "$0" ;; tools/verification.mjs) exit "$WRITES" ;; esac',
  npm: "true",
  go: "echo go99.0",
  serf: "true",
  unshare: "true",
};

describe("the scripts of .ci", () => {
  const folder = mkdtempSync(join(tmpdir(), "hearsay-ci-"));
  for (const [name, words] of Object.entries(STUBS)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${words}\n`, { mode: 0o755 });
  }
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("run the parts that are asked for", () => {
    const { status, stdout } = script("full", "mutants", "bench-micro");
    assert.match(stdout, /=== mutants:.*\n(?:.*\n)*=== bench-micro:/);
    assert.match(stdout, /\n4 passed, 0 failed\n$/);
    assert.equal(status, 0);
  });

  it("refuse a part that doesn't exist, also one that is a pattern for some", () => {
    for (const name of ["bench", "bench-.*", ".*", "", "--writ"]) {
      const { status, stderr } = script("full", "interop", name);
      assert.equal(stderr, `there is no part ${name}\n`);
      assert.equal(status, 2);
    }
  });

  it("count a result that could not be written as failed", () => {
    const { stdout } = script("full", "--write", "mutants");
    assert.match(stdout, /\nfailed: mutants, not written\n\n.*\n3 passed, 1 failed\n$/);
  });

  it("refuse to run nothing, or nothing of it, beside a burning machine", () => {
    for (const words of [[], ["5"], ["0", "true"], ["true", "true"], ["-1", "true"]]) {
      const { status, stderr } = script("burnt", ...words);
      assert.equal(stderr, "usage: .ci/burnt TIMES COMMAND...\n");
      assert.equal(status, 2);
    }
    assert.equal(script("burnt", "2", "true").status, 0);
    assert.equal(script("burnt", "2", "false").status, 1);
  });

  function script(
    name: string,
    ...words: readonly string[]
  ): { status: number | null; stdout: string; stderr: string } {
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, WRITES: "1" };
    return spawnSync(join(root, ".ci", name), words, { encoding: "utf8", env });
  }
});
