import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { compiled, exists, files, type Manifest, read, root } from "./repository.ts";

/** Scripts that neither prove nor measure anything. */
const OTHER_SCRIPTS = ["watch", "build", "clean", "format", "start"];

/** Every command of `.ci/run` and `.ci/full`, as words. */
const commands = [".ci/run", ".ci/full"].flatMap((script) =>
  [...read(script).matchAll(/^(?:part "[^"]+"|proof \S+|figures \S+) (.+?)(?: \|\|.*)?$/gm)].map(([, words]) =>
    (words ?? "").split(" "),
  ),
);

/** The arguments that the commands give to a script of package.json, one list for each command. */
function argumentsOf(script: string): string[][] {
  return commands.flatMap(([npm, run, name, ...rest]) => {
    if (npm === "npm" && run === script) return [[name ?? "", ...rest].filter((word) => word !== "" && word !== "--")];
    return npm === "npm" && run === "run" && name === script ? [rest.filter((word) => word !== "--")] : [];
  });
}

/** Fails if something is in neither script, with the remedy. */
function assertNone(missing: readonly string[]): void {
  assert.deepEqual(
    missing,
    [],
    "add a line to .ci/run or .ci/full; for the latter, run `node tools/verification.mjs`, too",
  );
}

/** The whole workflow: a condition, a path or a `continue-on-error` anywhere could hide a failure. */
const WORKFLOW = `name: ci

on:
  push:
    branches: [main]
  pull_request:

permissions:
  contents: read

concurrency:
  group: \${{ github.workflow }}-\${{ github.ref }}
  cancel-in-progress: true

jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@v4
      - run: .ci/run
`;

/** The usage text of a compiled program, printed when it gets no arguments. */
function usageOf(program: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, program)], { encoding: "utf8" });
  return `${stdout}${stderr}`;
}

describe("what proves or measures something stands in .ci/run or .ci/full", () => {
  it("every script of package.json", () => {
    const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts);
    assertNone(scripts.filter((name) => !OTHER_SCRIPTS.includes(name) && argumentsOf(name).length === 0));
  });

  it("every test", () => {
    assert.ok(argumentsOf("test").some((paths) => paths.length === 0));
    const { stdout } = spawnSync(process.execPath, [join(root, "tools/run-tests.mjs"), "--list"], { encoding: "utf8" });
    assert.deepEqual(files(/\.test\.[cm]?[jt]sx?$/), stdout.trim().split("\n").sort());
  });

  it("every experiment", async () => {
    const { EXPERIMENTS } = (await compiled("packages/testkit/dist/experiments/index.js")) ?? {};
    assert.ok(Array.isArray(EXPERIMENTS) && EXPERIMENTS.length > 0);
    const ids = EXPERIMENTS.map(({ id }: { readonly id: string }) => id.toLowerCase());
    const inFull = argumentsOf("experiments").filter((words) => !words.includes("--quick"));
    assertNone(ids.filter((id) => !inFull.some((words) => words.length === 0 || words.includes(id))));
  });

  it("every benchmark", () => {
    const names = [...usageOf("bench/dist/main.js").matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, name = ""]) => name);
    assert.ok(names.length > 5, "the usage names them");
    const run = argumentsOf("bench").flatMap((words) => (words.length === 1 ? words : []));
    assertNone(names.filter((name) => !run.includes(name)));
    const page = read("docs/design/benchmarks.md");
    const isOnPage = (name: string): boolean =>
      page.includes(`<!-- results: written by \`npm run bench -- ${name} --write\` -->`);
    assert.deepEqual(
      names.filter((name) => !isOnPage(name)),
      [],
      "docs/design/benchmarks.md has no place for it",
    );
  });

  it("every kind of interoperability run, with all its cases", () => {
    const kinds = [...usageOf("interop/dist/main.js").matchAll(/npm run interop -- ([a-z|-]+)/g)].flatMap(([, words]) =>
      (words ?? "").split("|"),
    );
    assert.ok(kinds.length > 3, "the usage names them");
    const run = argumentsOf("interop").filter(({ length }) => length === 1);
    assertNone(kinds.filter((kind) => !run.some(([name]) => name === kind)));
  });

  for (const [folder, list] of [
    ["interop/src/cases", "CASES"],
    ["interop/src/serf/cases", "SERF_CASES"],
  ] as const) {
    it(`every case in ${folder} stands in ${list}`, async () => {
      const index = (await compiled(`${compiledPath(folder)}/index.js`)) ?? {};
      const listed = index[list];
      assert.ok(Array.isArray(listed));
      for (const file of files(new RegExp(`^${folder}/[^/]+\\.ts$`))) {
        for (const [name, value] of Object.entries((await compiled(compiledPath(file))) ?? {})) {
          const isCase = typeof value === "object" && value !== null && "run" in value && "shows" in value;
          assert.ok(!isCase || listed.includes(value), `${file}: ${name}`);
        }
      }
    });
  }

  it("every case in interop/src/soak stands in its list", async () => {
    const { SOAK_CASE_NAMES } = (await compiled("interop/dist/soak/soak.js")) ?? {};
    assert.ok(Array.isArray(SOAK_CASE_NAMES));
    // Read instead of imported, since some of these files are programs.
    const names = files(/^interop\/src\/soak\/.*\.ts$/).flatMap((path) =>
      [...read(path).matchAll(/^export const \w+: SoakCase = \{\n {2}name: "([^"]+)"/gm)].map(([, name]) => name),
    );
    assert.deepEqual(names.sort(), [...SOAK_CASE_NAMES].sort());
  });

  it("every other script and kind of measurement, or .ci/full says why not", () => {
    const modes = [...usageOf("bench/dist/main.js").matchAll(/npm run bench -- ([a-z]+)/g)].map(([, mode]) => mode);
    assert.deepEqual(modes, ["sample", "compare"]);
    const header = read(".ci/full").split("\nset ")[0] ?? "";
    for (const path of files(/^\.ci\/(?!full$|parts\.sh$)|^findings\/.*\.sh$/)) {
      const isNamed = header.includes(`\`${path}\``) || header.includes(`\`${path.replace(/[^/]+$/, "")}\``);
      assert.ok(isNamed || commands.some(([first]) => first === path), path);
    }
    for (const mode of modes) assert.match(header, new RegExp(`bench -- .*\`${mode}\`|bench -- ${mode}\``), mode);
  });

  it("docs/design/verification.md has a row for each part of .ci/full", () => {
    const parts = [...read(".ci/full").matchAll(/^(?:proof|figures) (\S+) /gm)].map(([, name]) => name);
    const rows = [...read("docs/design/verification.md").matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    assert.deepEqual(rows, parts);
  });

  it("the oldest release of Node that tests run under is the oldest that each package allows", async () => {
    const { OLDEST } = (await compiled("tools/node-release.mjs")) ?? {};
    const paths = files(/^(?:packages\/[^/]+\/)?package\.json$/);
    const allowed = paths.map((path) => ({ path, ...(JSON.parse(read(path)) as Manifest) }));
    assert.deepEqual(
      allowed
        .filter(({ path, engines, private: isPrivate }) => path === "package.json" || engines || !isPrivate)
        .filter(({ engines }) => `${engines?.node}.0` !== `>=${OLDEST}`)
        .map(({ path }) => path),
      [],
    );
  });

  it("the workflow runs .ci/run and nothing else, of every change and with no condition", () => {
    assert.equal(read(".github/workflows/ci.yml"), WORKFLOW);
  });
});

describe("the closing line of .ci/run", () => {
  const folder = mkdtempSync(join(tmpdir(), "hearsay-ci-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("counts a suite whose set-up fails as failed", () => {
    const test = `import { before, describe, it } from "node:test";
      describe("a suite", () => { before(() => { throw new Error("no set-up"); }); it("one", () => {}); it("two", () => {}); });`;
    assert.equal(closingLine(command("suite", test)), "0 passed, 2 failed");
  });

  it("counts skipped tests and those to do as failed, and a suite that fails at its end", () => {
    const skipped = `import { it } from "node:test";
      it("runs", () => {}); it("not here", (t) => t.skip()); it("not yet", (t) => t.todo());`;
    assert.equal(closingLine(command("skipped", skipped)), "1 passed, 2 failed");
    const late = `import { after, describe, it } from "node:test";
      describe("a suite", () => { after(() => { throw new Error("no end"); }); it("one", () => {}); });`;
    assert.equal(closingLine(command("late", late)), "1 passed, 1 failed");
  });

  it("adds up what parts say themselves, and takes a part that says nothing for one", () => {
    const said = "echo '3 passed, 1 failed, 2 skipped'; exit 1";
    assert.equal(closingLine(said, "true", "false", "echo '4 passed, 0 failed'"), "8 passed, 4 failed");
  });

  it("counts what is skipped, whatever is said behind it", () => {
    assert.equal(closingLine("echo '5 passed, 0 failed, 3 skipped'; echo 'npm notice'"), "5 passed, 3 failed");
  });

  it("counts a part that ran nothing as failed", () => {
    assert.equal(closingLine("echo '0 passed, 0 failed'", "echo 'ℹ pass 0'; echo 'ℹ fail 0'"), "0 passed, 2 failed");
  });

  it("is not led astray by what tests print, nor by colours that somebody asks for", () => {
    const prints = `import { it } from "node:test";
      it("one", () => console.log("7 passed, 2 failed")); it("two", (t) => t.skip());`;
    assert.equal(closingLine(command("prints", prints)), "1 passed, 1 failed");
    const coloured = 'test -z "$FORCE_COLOR" || exit 0; echo "ℹ pass 3"; echo "ℹ fail 3"';
    assert.equal(closingLine(coloured), "3 passed, 3 failed");
  });

  /** A shell command that runs node:test. */
  function command(name: string, test: string): string {
    const file = join(folder, `${name}.test.mjs`);
    writeFileSync(file, test);
    return `"${process.execPath}" --test --test-reporter=spec "${file}"`;
  }

  function closingLine(...parts: readonly string[]): string | undefined {
    const script = join(folder, "run");
    const lines = parts.map(
      (words, index) => `part "part ${index}" sh -c ${JSON.stringify(words).replaceAll("$", "\\$")}`,
    );
    writeFileSync(script, ["#!/usr/bin/env bash", `source "${root}.ci/parts.sh"`, ...lines, "close"].join("\n"));
    chmodSync(script, 0o755);
    // Without the environment of this test run.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    return spawnSync(script, { encoding: "utf8", env: { ...env, FORCE_COLOR: "1" } })
      .stdout.trim()
      .split("\n")
      .at(-1);
  }
});

function compiledPath(path: string): string {
  assert.ok(exists(path), path);
  return path.replace("interop/src", "interop/dist").replace(/\.ts$/, ".js");
}
