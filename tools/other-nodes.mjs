/**
 * Runs tests under releases of Node newer than the oldest supported one: without `--all` those of the core, of whole
 * clusters, of their sockets, and of the packages as a user installs them. A new release most likely breaks those, and
 * `.ci/run` has no time for more; `.ci/full` runs all tests, including those of the agent, under the newest release.
 *
 *   npm run test:nodes               every newer release
 *   npm run test:nodes -- 26         some of them, by their major version
 *   npm run test:nodes -- 26 --all   all tests
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NEWER, nodeRelease } from "./node-release.mjs";

const PATHS = [
  "packages/core",
  "packages/hearsay/test/cluster",
  "packages/hearsay/test/packaging",
  "packages/hearsay/test/transport",
];

const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.slice(2).filter((word) => word !== "--all");
const paths = process.argv.includes("--all") ? [] : PATHS;
const chosen = NEWER.filter((release) => wanted.length === 0 || wanted.includes(release.split(".")[0]));
if (chosen.length === 0 || (wanted.length > 0 && chosen.length < wanted.length)) {
  console.error(`not all of ${wanted.join(", ")} are among ${NEWER.join(", ")}`);
  process.exit(2);
}
// The test runner would take a missing path for an option, and the other tests would pass.
const missing = paths.filter((path) => !existsSync(join(root, path)));
if (missing.length > 0) {
  console.error(`there is no ${missing.join(", no ")}`);
  process.exit(2);
}
const failed = chosen.filter((release) => !passesUnder(release));
for (const release of failed) console.error(`failed under Node ${release}`);
process.exit(failed.length === 0 ? 0 : 1);

function passesUnder(release) {
  const bin = nodeRelease(release);
  if (bin === null) return false;
  console.log(`\n== Node ${release}`);
  // Programs that the tests start by name, such as npm, also run under this release.
  const env = { ...process.env, INIT_CWD: root, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const args = [join(root, "tools/run-tests.mjs"), ...paths];
  return spawnSync(join(bin, "node"), args, { cwd: root, stdio: "inherit", env }).status === 0;
}
