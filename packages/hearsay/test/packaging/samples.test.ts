import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ROOT, samplesOf } from "./documents.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";

const DOCUMENTS = [
  "README.md",
  "packages/hearsay/README.md",
  "packages/agent/README.md",
  "docs/guides/serf.md",
  "docs/guides/rings.md",
];
const PACKAGES = ["packages/core", "packages/hearsay", "packages/agent"];
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

// As a user would have it, and as strict as it gets; the library's own declarations are checked too.
const COMPILER = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  target: "es2022",
  lib: ["es2023"],
  types: ["node"],
  typeRoots: [join(ROOT, "node_modules/@types")],
  rootDir: ".",
};
const MODULES = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

const samples = DOCUMENTS.flatMap(samplesOf).map((sample, index) => ({ ...sample, file: `sample-${index + 1}` }));

describe("the packed packages, installed in an empty folder", () => {
  let folder = "";
  // A cache that is empty at first: what is in the user's may be missing in everybody else's.
  let npm: NodeJS.ProcessEnv = {};
  const packedFiles = new Map<string, readonly string[]>();

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "hearsay-samples-")));
    npm = { npm_config_cache: join(folder, "npm-cache"), npm_config_offline: "true" };
    const tarballs: string[] = [];
    // The registry isn't asked for anything: what our packages depend on is packed as it is installed here.
    for (const path of [...PACKAGES, ...installedDependencies()]) {
      const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
      const { stdout } = succeeded(await runProgram("npm", args, { cwd: join(ROOT, path), env: npm }));
      const [packed] = JSON.parse(stdout);
      tarballs.push(`./${packed.filename}`);
      packedFiles.set(
        path,
        packed.files.map((file: { readonly path: string }) => file.path),
      );
    }
    write("package.json", JSON.stringify({ name: "samples", private: true, type: "module" }));
    const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...tarballs];
    succeeded(await runProgram("npm", args, { cwd: folder, env: npm }));
    for (const { file, code } of samples) write(`${file}.ts`, code);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const path of PACKAGES) {
    it(`${path} holds every module with its source and types, no test, and nothing stale`, () => {
      const files = packedFiles.get(path) ?? [];
      assert.ok(files.length > 10);
      const packed = new Set(files);
      const strangers = files.filter(
        (file) => !/^(?:(?:dist|src)\/.*\.(?:ts|js|map)|LICENSE|README\.md|package\.json)$/.test(file),
      );
      assert.deepEqual(strangers, []);
      assert.deepEqual(
        files.filter((file) => /(?:^|\/)(?:test|dist-test)\/|\.test\.|\.tsbuildinfo$/.test(file)),
        [],
      );
      const modules = files.filter((file) => file.startsWith("dist/") && file.endsWith(".js"));
      const lacking = modules.flatMap((file) => {
        const stem = file.slice("dist/".length, -".js".length);
        return [`src/${stem}.ts`, `dist/${stem}.d.ts`].filter((needed) => !packed.has(needed));
      });
      assert.deepEqual(lacking, []);
    });
  }

  it("the documents show programs", () => {
    for (const path of DOCUMENTS)
      assert.ok(
        samples.some(({ where }) => where.startsWith(`${path}:`)),
        path,
      );
  });

  for (const [name, options] of Object.entries(MODULES)) {
    it(`the documents' programs compile strictly under ${name}`, async () => {
      const compilerOptions = { ...COMPILER, ...options, outDir: name };
      write(
        `tsconfig.${name}.json`,
        JSON.stringify({ compilerOptions, files: samples.map(({ file }) => `${file}.ts`) }),
      );
      succeeded(await runProgram(process.execPath, [TSC, "-p", `tsconfig.${name}.json`], { cwd: folder }));
      for (const { file } of samples) assert.ok(existsSync(join(folder, name, `${file}.js`)));
    });
  }

  for (const { where, file, prints } of samples) {
    it(`${where} runs to its end and prints what it says`, async () => {
      const { stdout, stderr } = succeeded(
        await runProgram(process.execPath, [`nodenext/${file}.js`], { cwd: folder }),
      );
      assert.equal(stderr, "");
      if (prints !== null) assert.equal(stdout, prints);
    });
  }

  it("require gives the same exports as import", async () => {
    write(
      "both.cjs",
      `const required = require("hearsay");
      import("hearsay").then((imported) => {
        console.log(Object.keys(required).join() === Object.keys(imported).join() && typeof required.createCluster);
        console.log(typeof require("hearsay/testing").testNetwork);
      });`,
    );
    const { stdout } = succeeded(await runProgram(process.execPath, ["both.cjs"], { cwd: folder }));
    assert.equal(stdout, "function\nfunction\n");
  });

  it("npx hearsay runs the command", async () => {
    const { stdout } = succeeded(await runProgram("npx", ["--no", "hearsay", "--version"], { cwd: folder, env: npm }));
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });

  function write(name: string, text: string): void {
    writeFileSync(join(folder, name), text);
  }
});

function succeeded(result: ProgramResult): ProgramResult {
  assert.equal(result.code, 0, `${result.stdout}\n${result.stderr}`);
  return result;
}

/** Folders of everything that our packages need besides each other, and what that needs in turn. */
function installedDependencies(): string[] {
  const folders = new Set<string>();
  const visit = (folder: string): void => {
    const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const installed = `node_modules/${name}`;
      // Our own packages are links there.
      if (folders.has(installed) || PACKAGES.some((path) => realpathSync(join(ROOT, installed)) === join(ROOT, path)))
        continue;
      folders.add(installed);
      visit(installed);
    }
  };
  for (const path of PACKAGES) visit(path);
  return [...folders];
}
