import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { changedFiles, requestOf, sample } from "./choice.ts";

describe("the choice of mutations", () => {
  it("reads words, a revision and a number", () => {
    const all = { words: [], changedSince: undefined, atMost: Number.POSITIVE_INFINITY, isList: false };
    assert.deepEqual(requestOf([]), all);
    assert.deepEqual(requestOf(["wire", "PING"]), { ...all, words: ["wire", "PING"] });
    assert.deepEqual(requestOf(["--changed", "--at-most", "9"]), { ...all, changedSince: null, atMost: 9 });
    assert.deepEqual(requestOf(["--changed", "v1", "--list"]), { ...all, changedSince: "v1", isList: true });
    for (const args of [["--at-most"], ["--at-most", "no"], ["--at-most", "0"], ["--chanced"]]) {
      assert.equal(typeof requestOf(args), "string", args.join(" "));
    }
  });

  it("samples the same ones for the same revision, others for another, and all where there are few", () => {
    const all = Array.from({ length: 100 }, (_, index) => ({ file: "a.ts", name: `mutation ${index}` }));
    const chosen = sample(all, 10, "one");
    assert.equal(chosen.length, 10);
    assert.deepEqual(sample(all, 10, "one"), chosen);
    assert.notDeepEqual(sample(all, 10, "other"), chosen);
    assert.deepEqual(sample(all, 100, "one"), all);
  });

  describe("by what changed", () => {
    const folder = mkdtempSync(join(tmpdir(), "hearsay-choice-"));
    after(() => rmSync(folder, { recursive: true, force: true }));
    const git = (...args: readonly string[]): void => {
      const name = ["-c", "user.name=T", "-c", "user.email=t@localhost"];
      const { status, stderr } = spawnSync("git", [...name, ...args], { cwd: folder, encoding: "utf8" });
      assert.equal(status, 0, stderr);
    };
    const commit = (file: string, text: string): void => {
      mkdirSync(join(folder, "packages"), { recursive: true });
      writeFileSync(join(folder, "packages", file), text);
      git("add", ".");
      git("commit", "-q", "-m", file);
    };
    git("init", "-q");
    commit("a.ts", "1");

    it("knows nothing to compare with in a clone of one revision", () => {
      assert.equal(changedFiles(folder, null), null);
      assert.equal(changedFiles(folder, "v1"), null);
    });

    it("compares with the revision before, or the one that is named, and counts what is not committed", () => {
      commit("b.ts", "1");
      commit("c.ts", "1");
      assert.deepEqual(changedFiles(folder, null)?.files, ["packages/c.ts"]);
      assert.deepEqual(changedFiles(folder, "HEAD~2")?.files, ["packages/b.ts", "packages/c.ts"]);
      writeFileSync(join(folder, "packages", "d.ts"), "1");
      writeFileSync(join(folder, "packages", "a.ts"), "2");
      assert.deepEqual(changedFiles(folder, null)?.files, ["packages/a.ts", "packages/c.ts", "packages/d.ts"]);
    });

    it("compares with where the branch left the main one", () => {
      git("update-ref", "refs/remotes/origin/main", "HEAD~2");
      assert.ok(changedFiles(folder, null)?.files.includes("packages/b.ts"));
    });
  });
});
