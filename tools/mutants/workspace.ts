/** Copies of the packages as they are built, in which files can be changed while their tests run. */
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";

/** One copy. Its packages know each other, and find everything else where it is installed. */
export class Workspace {
  readonly #folder: string;
  readonly #options: ts.CompilerOptions;

  constructor(root: string) {
    this.#folder = mkdtempSync(join(tmpdir(), "hearsay-mutants-"));
    this.#options = compilerOptions(root);
    const isOurs = (path: string): boolean => !/\/(?:node_modules|\.cache)$/.test(path);
    for (const folder of ["packages", "docs"]) {
      cpSync(join(root, folder), join(this.#folder, folder), { recursive: true, filter: isOurs });
    }
    cpSync(join(root, "package.json"), join(this.#folder, "package.json"));
    linkModules(root, this.#folder);
  }

  /** Where a file of the repository lies in this copy. */
  path(file: string): string {
    return join(this.#folder, file);
  }

  /** Compiles a file of a package by itself, without looking at types: what matters is what it does. */
  compile(file: string, source: string): string {
    const { outputText, diagnostics = [] } = ts.transpileModule(source, {
      compilerOptions: this.#options,
      fileName: file,
      reportDiagnostics: true,
    });
    const [fault] = diagnostics;
    if (fault !== undefined) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(fault.messageText, " ")}`);
    return outputText;
  }

  /** Puts compiled code in the place of what a source compiled to; returns what puts back what was there. */
  replace(file: string, code: string): () => void {
    const path = this.path(compiledPath(file));
    const before = readFileSync(path);
    writeFileSync(path, code);
    return () => writeFileSync(path, before);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What a source or a test compiles to, from the repository's root. */
export function compiledPath(file: string): string {
  return file
    .replace(/^(packages\/[^/]+)\/src\//, "$1/dist/")
    .replace(/^(packages\/[^/]+)\/test\//, "$1/dist-test/")
    .replace(/\.ts$/, ".js");
}

const NO_DECLARATIONS = { composite: false, declaration: false, declarationMap: false, isolatedDeclarations: false };

function compilerOptions(root: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  // A file by itself can't be told to be a module by its package's manifest.
  const options = { ...config.compilerOptions, module: "esnext", ...NO_DECLARATIONS, sourceMap: false };
  return ts.convertCompilerOptionsFromJson(options, root).options;
}

/** Links of the workspace lead into the copy, all others to where they led. */
function linkModules(root: string, copy: string, folder = "node_modules"): void {
  mkdirSync(join(copy, folder));
  for (const name of readdirSync(join(root, folder))) {
    if (name.startsWith(".")) continue;
    const path = join(folder, name);
    const target = realpathSync(join(root, path));
    const inPackages = target.startsWith(join(realpathSync(root), "packages/"));
    if (name.startsWith("@") && !lstatSync(join(root, path)).isSymbolicLink()) linkModules(root, copy, path);
    else symlinkSync(inPackages ? join(copy, target.slice(realpathSync(root).length)) : target, join(copy, path));
  }
}
