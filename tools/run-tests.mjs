/**
 * Runs the compiled tests of all packages and of the repository's rules.
 *
 *   npm test                                  everything
 *   npm test -- packages/core                 one package, folder or file (the source's path)
 *   npm test -- --test-name-pattern=refute    any option of `node --test`
 *   node tools/run-tests.mjs --list           runs nothing, and prints the tests that it would run
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { compiledFolders, filesBelow, removeStale } from "./stale.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { options, paths } = readArguments(process.argv.slice(2));

for (const path of removeStale(root)) console.log(`removed ${path}: its source is gone`);

const tests = findTests().filter((test) => paths.length === 0 || paths.some((path) => isBelow(test.source, path)));
const missing = tests.filter((test) => !existsSync(join(root, test.output)));
if (missing.length > 0) {
  // A test that is silently not run looks like one that passes.
  fail(`not compiled, run \`npm run build\` first:\n  ${missing.map((test) => test.source).join("\n  ")}`);
}
if (options.includes("--list")) {
  console.log(tests.map((test) => test.source).join("\n"));
  process.exit();
}
if (tests.length === 0) fail(paths.length === 0 ? "there are no tests" : `no tests in ${paths.join(", ")}`);

const run = spawnSync(
  process.execPath,
  [
    "--expose-gc",
    // Tests that count garbage need a young generation large enough to avoid collections meanwhile.
    "--min-semi-space-size=64",
    "--max-semi-space-size=64",
    "--test",
    `--test-concurrency=${Math.min(4, availableParallelism())}`,
    ...(options.some((option) => option.startsWith("--test-reporter")) ? [] : ["--test-reporter=spec"]),
    ...options,
    ...tests.map((test) => test.output),
  ],
  { cwd: root, stdio: "inherit" },
);
process.exit(run.status ?? 1);

/** Arguments that are existing paths choose tests; all others go to `node --test`. */
function readArguments(args) {
  const options = [];
  const paths = [];
  for (const argument of args) {
    const path = resolve(process.env.INIT_CWD ?? process.cwd(), argument);
    if (!argument.startsWith("-") && existsSync(path)) paths.push(relative(root, path).split(sep).join("/"));
    else options.push(argument);
  }
  return { options, paths };
}

function findTests() {
  return compiledFolders(root).flatMap(({ source, output }) =>
    filesBelow(join(root, source))
      .filter((path) => path.endsWith(".test.ts") && !path.startsWith("dist/"))
      .map((path) => ({ source: `${source}/${path}`, output: `${output}/${path.replace(/\.ts$/, ".js")}` })),
  );
}

function isBelow(path, folder) {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
