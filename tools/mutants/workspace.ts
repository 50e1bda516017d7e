/** Copies of the built packages, in which files can be changed while their tests run. */
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

/** One copy. Its packages resolve each other inside it, and everything else where it is installed. */
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

  /** The path of a repository's file in this copy. */
  path(file: string): string {
    return join(this.#folder, file);
  }

  /** Compiles a single file of a package, without checking types. */
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

  /** Replaces a source's compiled code; returns a function that restores it. */
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

/** The compiled path of a source or a test, from the repository's root. */
export function compiledPath(file: string): string {
  return file
    .replace(/^(packages\/[^/]+)\/src\//, "$1/dist/")
    .replace(/^(packages\/[^/]+)\/test\//, "$1/dist-test/")
    .replace(/\.ts$/, ".js");
}

const NO_DECLARATIONS = { composite: false, declaration: false, declarationMap: false, isolatedDeclarations: false };

function compilerOptions(root: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  // For a single file the compiler can't know from the package's manifest that it is a module.
  const options = { ...config.compilerOptions, module: "esnext", ...NO_DECLARATIONS, sourceMap: false };
  return ts.convertCompilerOptionsFromJson(options, root).options;
}

/** Makes links of the workspace lead into the copy, and all others to their original targets. */
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
