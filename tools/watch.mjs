/**
 * Compiles files as they change, then runs the tests.
 *
 *   npm run watch -- packages/core/test/swim.test.ts    arguments of `npm test`: paths, and options of `node --test`
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiler = spawn(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", "--watch"], {
  cwd: root,
  stdio: ["ignore", "pipe", "inherit"],
});
let tests = null;
let rest = "";

compiler.stdout.setEncoding("utf8").on("data", (text) => {
  process.stdout.write(text);
  const lines = (rest + text).split("\n");
  rest = lines.pop();
  for (const line of lines) if (/\bFound \d+ errors?\b/.test(line)) compiled(line);
});
compiler.on("exit", (code) => {
  stopTests();
  process.exit(code ?? 1);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => compiler.kill(signal));

/** Stops the tests of the previous code and starts those of the new. */
function compiled(line) {
  stopTests();
  if (!/\b0 errors\b/.test(line)) return;
  // In a process group of its own, since the runner has child processes.
  const run = spawn(process.execPath, [join(root, "tools/run-tests.mjs"), ...process.argv.slice(2)], {
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  run.on("exit", () => {
    if (tests === run) tests = null;
  });
  tests = run;
}

function stopTests() {
  if (tests !== null) process.kill(-tests.pid, "SIGTERM");
  tests = null;
}
