/**
 * Packs the published packages and examines the tarballs, since a tarball is what a user gets: publint for the
 * manifest, attw for the types under every module resolution, and the list of files for missing and unwanted ones.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const destination = mkdtempSync(join(tmpdir(), "hearsay-pack-"));
let failures = 0;

try {
  for (const folder of publishedPackages()) {
    const { name, tarball, files } = pack(folder);
    console.log(`\n${name}: ${files.length} files`);
    for (const fault of faultsOf(files, manifestOf(folder))) fail(`${name}: ${fault}`);
    if (!runs("publint", "run", tarball, "--strict")) fail(`${name}: publint`);
    if (!runs("attw", tarball, "--profile", "esm-only", "--no-color", "--no-emoji", "--no-summary"))
      fail(`${name}: attw`);
  }
} finally {
  rmSync(destination, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);

function publishedPackages() {
  return readdirSync(join(root, "packages"))
    .map((name) => join(root, "packages", name))
    .filter((folder) => manifestOf(folder).private !== true);
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function pack(folder) {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", destination];
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm pack failed in ${folder}:\n${stderr}`);
  const [packed] = JSON.parse(stdout);
  return {
    name: packed.name,
    tarball: join(destination, packed.filename),
    files: packed.files.map((file) => file.path),
  };
}

/** The faults of a list of packed files. */
function faultsOf(files, manifest) {
  const packed = new Set(files);
  const faults = [];
  for (const needed of ["README.md", "LICENSE", ...targetsOf([manifest.exports, manifest.bin ?? {}])]) {
    if (!packed.has(needed)) faults.push(`${needed} is not in the tarball`);
  }
  for (const file of files) {
    if (!/^(?:dist|src)\//.test(file) && !["README.md", "LICENSE", "CHANGELOG.md", "package.json"].includes(file)) {
      faults.push(`${file} doesn't belong in the tarball`);
    }
    if (/\.tsbuildinfo$|\.test\./.test(file)) faults.push(`${file} doesn't belong in the tarball`);
    const source = file.match(/^dist\/(.*)\.js$/)?.[1];
    if (source !== undefined && !packed.has(`src/${source}.ts`))
      faults.push(`${file} has no source: run a clean build`);
  }
  return faults;
}

/** All paths that an `exports` or `bin` value leads to, without the leading `./`. */
function targetsOf(value) {
  if (typeof value === "string") return [value.replace(/^\.\//, "")];
  return Object.values(value).flatMap(targetsOf);
}

function runs(name, ...args) {
  const { status } = spawnSync(join(root, "node_modules/.bin", name), args, { cwd: destination, stdio: "inherit" });
  return status === 0;
}

function fail(message) {
  failures++;
  console.error(`FAILED ${message}`);
}
