import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

const DOCUMENT = new URL("../../../../docs/guides/testing.md", import.meta.url);
const ENTRY = new URL("../../dist/testing/index.js", import.meta.url);

describe("docs/guides/testing.md", () => {
  it("has a sample that passes as it stands", async () => {
    const document = await readFile(DOCUMENT, "utf8");
    const sample = /<!-- sample -->\n```js\n([\s\S]*?)```/.exec(document)?.[1];
    assert.ok(sample !== undefined, "there should be a sample");
    const folder = await mkdtemp(join(tmpdir(), "hearsay-"));
    const file = join(folder, "sample.test.mjs");
    try {
      await writeFile(file, sample.replaceAll('"hearsay/testing"', JSON.stringify(ENTRY.href)));
      // Without this the inner run would report to the outer one instead of to its exit status.
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const output = await new Promise<string>((resolve, reject) => {
        execFile(process.execPath, ["--test", "--test-reporter=tap", file], { env }, (error, stdout) =>
          error === null ? resolve(stdout) : reject(new Error(stdout)),
        );
      });
      assert.match(output, /^# pass 1$/m);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
