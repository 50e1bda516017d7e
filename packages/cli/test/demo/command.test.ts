import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runCommand } from "./run-command.ts";

const manifest = fileURLToPath(new URL("../../package.json", import.meta.url));

describe("the command's arguments", () => {
  it("--version gives the package's version", async () => {
    const { code, stdout } = await runCommand(["--version"]);
    assert.equal(code, 0);
    assert.equal(stdout, `${JSON.parse(readFileSync(manifest, "utf8")).version}\n`);
  });

  it("--help names every option and exit code", async () => {
    const { code, stdout } = await runCommand(["--help"]);
    assert.equal(code, 0);
    for (const word of ["--once", "--help", "--version", "NO_COLOR", "Exit codes: 0"]) assert.ok(stdout.includes(word));
  });

  for (const [args, what] of [
    [["--fast"], 'unknown option "--fast"'],
    [["--once", "twice"], 'unexpected argument "twice"'],
  ] as const) {
    it(`${args.join(" ")} is an error that says what is wrong and what there is, with exit code 2`, async () => {
      const { code, stdout, stderr } = await runCommand(args);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.equal(stderr, `hearsay: ${what}; the options are --once, --help, --version\n`);
    });
  }
});
