/** The repository for the rules: its files, its text and its packages. All paths are relative to the root. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root's absolute path. Rules run from `tools/dist/rules`. */
export const root: string = fileURLToPath(new URL("../../../", import.meta.url));

/** Whether this run records the expected values instead of comparing with them. */
export const rewrite: boolean = process.env.REWRITE === "1";

const GENERATED = new Set(["node_modules", ".git", "dist", "dist-test", "coverage", ".cache", "bin"]);

/** Every hand-written file whose path matches, sorted. Generated folders and installed packages are left out. */
export function files(pattern: RegExp): string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile() && pattern.test(path)) found.push(path);
      // `bin` is a folder of sources inside a package and of built programs elsewhere.
      const isGenerated = GENERATED.has(entry.name) && !(entry.name === "bin" && path.includes("/src/"));
      if (entry.isDirectory() && !isGenerated) visit(path);
    }
  };
  visit("");
  return found.sort();
}

export function exists(path: string): boolean {
  return existsSync(join(root, path));
}

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** The parts of a package.json that the rules use. */
export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly private?: boolean;
  readonly license?: string;
  readonly engines?: { readonly node: string };
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

export interface Package {
  /** For example `packages/core`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

let workspace: Package[] | undefined;

/** All packages of the workspace, published or not. */
export function packages(): readonly Package[] {
  workspace ??= files(/^(?:packages\/[^/]+|examples|interop|bench|tools)\/package\.json$/).map((path) => ({
    folder: path.slice(0, -"/package.json".length),
    manifest: JSON.parse(read(path)) as Manifest,
  }));
  return workspace;
}

/** Imports a compiled module; undefined if it doesn't exist. The caller checks its exports. */
export async function compiled(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  return exists(path) ? await import(new URL(path, `file://${root}`).href) : undefined;
}
