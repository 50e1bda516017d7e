/** Handles compiled files whose source is gone: `tsc -b` never deletes its output. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, sep } from "node:path";

/**
 * Every folder of sources with its output folder, relative to the repository's root.
 *
 * @param {string} root
 * @returns {{ source: string, output: string }[]}
 */
export function compiledFolders(root) {
  const folders = [
    { source: "tools", output: "tools/dist" },
    { source: "interop/src", output: "interop/dist" },
    { source: "bench/src", output: "bench/dist" },
  ];
  for (const name of ["examples", ...readdirSync(join(root, "packages")).map((name) => `packages/${name}`)]) {
    folders.push({ source: `${name}/src`, output: `${name}/dist` });
    folders.push({ source: `${name}/test`, output: `${name}/dist-test` });
  }
  return folders;
}

/**
 * Deletes compiled files without a source and returns their paths, relative to the root. Otherwise a removed test would
 * still run, and a removed module would still be packed.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function removeStale(root) {
  const removed = [];
  for (const { source, output } of compiledFolders(root)) {
    for (const path of filesBelow(join(root, output))) {
      const stem = path.match(/^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/)?.[1];
      if (stem === undefined || existsSync(join(root, source, `${stem}.ts`))) continue;
      rmSync(join(root, output, path));
      removed.push(`${output}/${path}`);
    }
  }
  return removed;
}

/**
 * Paths of all files below a folder, relative to it, with forward slashes; none if there is no such folder.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
    )
    .sort();
}
