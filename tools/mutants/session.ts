/** Copies of the packages, with the results of their tests without any mutation. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { judge, killAll, type Run } from "./judge.ts";
import { type CoreFile, type ExecutedRange, Reach, type TestRun } from "./reach.ts";
import { compiledPath, Workspace } from "./workspace.ts";

/** Concurrent test runs. More would delay tests that depend on the clock. */
const WORKERS = 2;

/** Time for a test file without earlier results. */
const FIRST_MS = 60_000;

/** The folder of the compiled harness. */
const HARNESS = fileURLToPath(new URL(".", import.meta.url));

/** A file of a package, from the repository's root. */
export interface SourceFile {
  readonly file: string;
  readonly source: string;
}

export class Session {
  readonly #workspaces: readonly Workspace[];
  readonly #coverage = mkdtempSync(join(tmpdir(), "hearsay-coverage-"));
  readonly #files: readonly CoreFile[];
  readonly #usualMs = new Map<string, number>();

  /** Compiles all `sources` in the same way as mutations. */
  constructor(root: string, sources: readonly SourceFile[]) {
    this.#workspaces = Array.from({ length: WORKERS }, () => new Workspace(root));
    this.#files = sources.map(({ file, source }) => {
      const [compiled = ""] = this.#workspaces.map((workspace) => {
        const code = workspace.compile(file, source);
        workspace.replace(file, code);
        return code;
      });
      return { file, source, compiled };
    });
  }

  /** Runs every test without a mutation. Throws if one fails, since it would notice every mutation. */
  async begin(tests: readonly string[], shared: readonly string[]): Promise<Reach> {
    const failures: string[] = [];
    const runs: TestRun[] = [];
    await this.forEach(tests, async (workspace, test) => {
      const folder = mkdtempSync(join(this.#coverage, "run-"));
      const { ms, words, noticedBy } = await judge(workspace, HARNESS, [test], () => FIRST_MS, folder);
      if (noticedBy !== null) failures.push(`${test}: ${words}`);
      this.#usualMs.set(test, ms);
      const text = readFileSync(workspace.path(compiledPath(test)), "utf8");
      runs.push({ test, ms, text, executed: this.#executedIn(folder, workspace) });
      rmSync(folder, { recursive: true });
    });
    if (failures.length > 0) throw new Error(`without any mutation the tests fail:\n${failures.join("\n")}`);
    return new Reach(this.#files, runs, shared);
  }

  /** Does `work` for each item, concurrently in all copies. */
  async forEach<T>(items: readonly T[], work: (workspace: Workspace, item: T) => Promise<void>): Promise<void> {
    const waiting = items.values();
    const worker = async (workspace: Workspace): Promise<void> => {
      for (const item of waiting) await work(workspace, item);
    };
    await Promise.all(this.#workspaces.map(worker));
  }

  /** Runs tests in order until one fails, with another text in place of a source. */
  async tryOut(workspace: Workspace, file: string, source: string, tests: readonly string[]): Promise<Run> {
    const undo = workspace.replace(file, workspace.compile(file, source));
    try {
      return await judge(workspace, HARNESS, tests, (test) => this.#usualMs.get(test) ?? FIRST_MS);
    } finally {
      undo();
    }
  }

  /** Ends all running tests and removes the copies. */
  close(): void {
    killAll();
    for (const workspace of this.#workspaces) workspace.remove();
    rmSync(this.#coverage, { recursive: true, force: true });
  }

  /** The executed functions of the files, from the engine's output in a folder. */
  #executedIn(folder: string, workspace: Workspace): Map<string, ExecutedRange[]> {
    const byUrl = new Map(
      this.#files.map(({ file }) => [pathToFileURL(workspace.path(compiledPath(file))).href, file]),
    );
    const executed = new Map<string, ExecutedRange[]>();
    for (const name of readdirSync(folder)) {
      const { result } = JSON.parse(readFileSync(join(folder, name), "utf8")) as Coverage;
      for (const { url, functions } of result) {
        const file = byUrl.get(url);
        if (file === undefined) continue;
        const ranges = functions.flatMap(({ ranges: [whole] }) =>
          whole !== undefined && whole.count > 0 ? whole : [],
        );
        executed.set(file, [
          ...(executed.get(file) ?? []),
          ...ranges.map(({ startOffset, endOffset }) => ({ start: startOffset, end: endOffset })),
        ]);
      }
    }
    return executed;
  }
}

/** The relevant part of a file of `NODE_V8_COVERAGE`. */
interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
    }[];
  }[];
}
