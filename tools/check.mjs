/**
 * Checks everything that must hold before a change is merged, except what needs real peers; fast steps first.
 *
 *   npm run check                   stops at the first step that fails
 *   npm run check -- --keep-going   runs every step, then reports which failed
 *   npm run check -- --no-tests     skips the steps that `npm test` also runs
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeStale } from "./stale.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const keepGoing = process.argv.includes("--keep-going");
const hasTests = !process.argv.includes("--no-tests");

const ALL_STEPS = [
  { name: "format", run: () => tool("biome", "format", ".") },
  { name: "lint", run: () => tool("biome", "lint", "--error-on-warnings", ".") },
  { name: "types and build", run: build },
  { name: "dead code", run: () => tool("knip") },
  { name: "repository rules", run: () => script("run-tests.mjs", "tools"), isTest: true },
  { name: "packages", run: () => script("check-packages.mjs") },
  { name: "tests", run: () => script("run-tests.mjs", "packages", "examples", "interop", "bench"), isTest: true },
];
const STEPS = ALL_STEPS.filter(({ isTest }) => hasTests || isTest !== true);

const done = [];
for (const step of STEPS) {
  console.log(`\n== ${step.name}`);
  const began = performance.now();
  const passed = step.run();
  done.push({ ...step, passed, seconds: (performance.now() - began) / 1000 });
  if (!passed && !keepGoing) break;
}

console.log("");
for (const { name, passed, seconds } of done) {
  console.log(`${passed ? "ok    " : "FAILED"} ${seconds.toFixed(1).padStart(6)} s  ${name}`);
}
for (const { name } of STEPS.slice(done.length)) console.log(`not run           ${name}`);
process.exit(done.length === STEPS.length && done.every((step) => step.passed) ? 0 : 1);

function build() {
  for (const path of removeStale(root)) console.log(`removed ${path}: its source is gone`);
  return tool("tsc", "-b");
}

function tool(name, ...args) {
  return succeeds(join(root, "node_modules/.bin", name), args);
}

function script(name, ...args) {
  return succeeds(process.execPath, [join(root, "tools", name), ...args]);
}

function succeeds(command, args) {
  // Paths among the arguments are relative to the root, wherever npm was called.
  const env = { ...process.env, INIT_CWD: root };
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
  if (error !== undefined) console.error(error.message);
  return status === 0;
}
