/**
 * Takes one rule of the protocol away at a time and sees whether the tests that prove it notice, each file of them. A rule
 * that can be taken away unnoticed is not proved, nor is one whose tests can't even begin without it.
 *
 *   npm run mutants                 all of them
 *   npm run mutants -- WORD ...     those whose name or file has one of the words
 *
 * Works on a copy of the repository, as it is built, in a temporary folder. A changed file is compiled by itself, without
 * looking at types: what matters is what it does.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { MUTATIONS } from "./mutations/index.mjs";

/** Tests that still run by then hang, which is noticing, too. */
const LIMIT_MS = 240_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
const { options: compilerOptions } = ts.convertCompilerOptionsFromJson(
  // A file by itself can't be told to be a module by its package's manifest.
  { ...config.compilerOptions, module: "esnext" },
  root,
);

const words = process.argv.slice(2);
const chosen = MUTATIONS.filter(
  ({ name, file }) => words.length === 0 || words.some((word) => name.includes(word) || file.includes(word)),
);
const faults = chosen.flatMap((mutation) => faultOf(mutation) ?? []);
if (chosen.length === 0) faults.push(`no mutation has ${words.join(" or ")} in its name or file`);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(2);

const copy = mkdtempSync(join(tmpdir(), "hearsay-mutants-"));
let running;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    killTests();
    rmSync(copy, { recursive: true, force: true });
    process.exit(130);
  });
}
try {
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !/\/\.(?:git|cache)$/.test(path) });
  process.exitCode = await run();
} finally {
  rmSync(copy, { recursive: true, force: true });
}

async function run() {
  // Tests that fail anyway, or of code that is compiled in this way, would notice everything.
  for (const { file } of chosen) compile(file, readFileSync(join(root, file), "utf8"));
  const tests = [...new Set(chosen.flatMap(({ tests }) => tests))];
  const { status, output } = await runTests(tests);
  if (status !== 0) {
    const failures = output.split("\n").filter((line) => /^ *not ok/.test(line));
    console.error(`without any mutation the tests fail:\n${failures.join("\n")}`);
    return 2;
  }
  const survivors = [];
  for (const mutation of chosen) if (!(await isNoticed(mutation))) survivors.push(mutation);
  for (const { name, file, tests } of survivors) console.log(`SURVIVES  ${name}  (${file}; ${tests.join(", ")})`);
  console.log(`${chosen.length - survivors.length} passed, ${survivors.length} failed`);
  return survivors.length === 0 ? 0 : 1;
}

async function isNoticed({ name, file, find, replace, tests }) {
  const source = readFileSync(join(root, file), "utf8");
  const began = performance.now();
  compile(
    file,
    source.replace(find, () => replace),
  );
  const told = [];
  for (const test of tests) told.push({ test, ...sightOf(await runTests([test])) });
  compile(file, source);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const isNoticed = told.every(({ isSeen }) => isSeen);
  console.log(`${isNoticed ? "noticed " : "survives"} ${seconds.padStart(6)} s  ${name}`);
  for (const { test, words } of told) console.log(`                     ${test}: ${words}`);
  return isNoticed;
}

/** Whether a test saw it, or all hang for it, and what tells: a file that breaks before its tests has seen nothing. */
function sightOf({ status, isLate, output }) {
  if (status === 0) return { isSeen: false, words: "passes" };
  if (isLate) return { isSeen: true, words: `hangs, still after ${LIMIT_MS / 1000} s` };
  const failed = [...output.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, test]) => test);
  const first = failed.find((test) => !test.endsWith(".test.js"));
  return { isSeen: first !== undefined, words: first ?? "breaks before its tests" };
}

function compile(file, source) {
  const [, folder, path] = file.match(/^(packages\/[^/]+)\/src\/(.*)\.ts$/);
  const output = join(copy, folder, "dist", `${path}.js`);
  writeFileSync(output, ts.transpileModule(source, { compilerOptions, fileName: file }).outputText);
}

function runTests(tests) {
  const args = [join(copy, "tools/run-tests.mjs"), "--test-reporter=tap", ...tests];
  const env = { ...process.env, INIT_CWD: copy };
  // A group of its own, since what hangs is a process further down.
  const child = spawn(process.execPath, args, { cwd: copy, env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  running = child;
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    killTests();
  }, LIMIT_MS);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  return new Promise((resolve) => {
    child.on("close", (status) => {
      clearTimeout(limit);
      running = undefined;
      resolve({ status, isLate, output });
    });
  });
}

function killTests() {
  if (running !== undefined) process.kill(-running.pid, "SIGKILL");
}

/** What is wrong with a mutation: it must change exactly one place, and its tests must exist. */
function faultOf({ name, file, find, replace, tests }) {
  const places = readFileSync(join(root, file), "utf8").split(find).length - 1;
  if (places !== 1) return `${name}: ${file} has ${places} places of ${JSON.stringify(find)}`;
  if (find === replace || tests.length === 0) return `${name}: changes nothing, or names no tests`;
  const missing = tests.filter((path) => ts.sys.fileExists(join(root, path)) === false);
  return missing.length === 0 ? null : `${name}: there is no ${missing.join(", no ")}`;
}
