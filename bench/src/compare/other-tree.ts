import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark } from "../benchmarks.ts";

const run = promisify(execFile);

const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** The samples for another revision. */
export interface OtherSamples {
  /** The folder of the compiled samples. */
  readonly folder: string;
  /**
   * Why they are the other revision's own samples: the first line of the compiler's output about this tree's. Null if
   * they are this tree's.
   */
  readonly failure: string | null;
}

/** Another revision of this repository, installed and built in a folder of its own. */
export class OtherTree {
  /** The full hash of the commit. */
  readonly revision: string;
  readonly #folder: string;

  private constructor(revision: string, folder: string) {
    this.revision = revision;
    this.#folder = folder;
  }

  /**
   * Installs and builds a revision below `.cache/`, once.
   *
   * @throws Error if there is no such revision, or if it can't be built
   */
  static async open(name: string, tell: (words: string) => void): Promise<OtherTree> {
    const { stdout } = await inFolder(ROOT, "git", "rev-parse", "--verify", "--end-of-options", `${name}^{commit}`);
    const revision = stdout.trim();
    const folder = join(ROOT, ".cache", "compare", revision.slice(0, 12));
    if (!existsSync(folder)) {
      tell(`installing and building ${revision.slice(0, 12)} in ${folder}, once`);
      await buildTree(revision, folder);
    }
    return new OtherTree(revision, folder);
  }

  /**
   * The folder with the compiled sample of a benchmark. It is this tree's sample, compiled against the other's
   * packages, so that both sides run the same measurement; or the other's own, if this tree's doesn't compile against
   * them.
   *
   * @throws Error if there is neither
   */
  async samplesOf(benchmark: Benchmark): Promise<OtherSamples> {
    const laid = await this.#layOver(benchmark);
    if (laid.failure === null) return laid;
    const own = join(this.#folder, "bench", "dist", "samples");
    const [firstWords = ""] = laid.failure.split("\n");
    if (existsSync(join(own, `${benchmark.name}.js`))) return { folder: own, failure: firstWords };
    const words = `${benchmark.name} neither compiles against ${this.revision.slice(0, 12)} nor has that one of its own`;
    throw new Error(`${words}:\n${laid.failure}`);
  }

  /** Compiles this tree's sample with its parts in a folder of the other tree; `failure` is the compiler's output. */
  async #layOver({ name, parts }: Benchmark): Promise<OtherSamples> {
    const source = join(ROOT, "bench", "src");
    const folder = join(this.#folder, "laid-over", hashOf(source));
    const samples = join(folder, "dist", "samples");
    const project = join(folder, `tsconfig.${name}.json`);
    const scripts = [name, ...parts];
    if (scripts.every((script) => existsSync(join(samples, `${script}.js`)))) return { folder: samples, failure: null };
    mkdirSync(folder, { recursive: true });
    cpSync(source, join(folder, "src"), { recursive: true });
    const compilerOptions = { composite: false, incremental: false, rootDir: "src", outDir: "dist", types: ["node"] };
    const files = scripts.map((script) => `src/samples/${script}.ts`);
    writeFileSync(project, JSON.stringify({ extends: "../../tsconfig.base.json", compilerOptions, files }));
    const failure = await this.#compile(project);
    // Output written despite errors must not be taken for the sample the next time.
    if (failure !== null) rmSync(join(samples, `${name}.js`), { force: true });
    return { folder: samples, failure };
  }

  /** Returns why a project can't be compiled against this tree; null if it can. */
  async #compile(project: string): Promise<string | null> {
    const compiler = ["node_modules/typescript/bin/tsc", "-p", project, "--listFiles"];
    try {
      const { stdout } = await inFolder(this.#folder, process.execPath, ...compiler);
      // If a file is missing from the other's packages, the compiler, unlike Node, finds it in this tree, which lies
      // above.
      const isForeign = (file: string): boolean => file.startsWith(ROOT) && !file.startsWith(`${this.#folder}/`);
      const foreign = stdout.split("\n").find(isForeign);
      return foreign === undefined ? null : `${foreign} is not among the files of ${this.revision.slice(0, 12)}`;
    } catch (error) {
      return outputOf(error);
    }
  }
}

/** Makes a copy of the revision's files, without registering it in git, and installs and builds it. */
async function buildTree(revision: string, folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    const archive = `${unfinished}.tar`;
    await inFolder(ROOT, "git", "archive", "--format=tar", `--output=${archive}`, revision);
    await inFolder(unfinished, "tar", "-xf", archive);
    rmSync(archive);
    await inFolder(unfinished, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
    await inFolder(unfinished, "npm", "run", "build");
  } catch (error) {
    throw new Error(`${revision} can't be built: ${outputOf(error)}`, { cause: error });
  }
  renameSync(unfinished, folder);
}

function hashOf(source: string): string {
  const hash = createHash("sha256");
  const paths = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  for (const path of paths.sort()) hash.update(path).update(readFileSync(join(source, path)));
  return hash.digest("hex").slice(0, 12);
}

function inFolder(cwd: string, command: string, ...args: string[]): Promise<{ stdout: string }> {
  return run(command, args, { cwd, maxBuffer: OUTPUT_BYTES_MAX });
}

/** The output of a failed command, which for npm and tsc says more than the error. */
function outputOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const written = ["stdout", "stderr"].map((name) => Object.getOwnPropertyDescriptor(error, name)?.value);
  const text = written.filter((part) => typeof part === "string").join("");
  return text.trim() === "" ? error.message : text.trim();
}
