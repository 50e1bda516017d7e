/** Runs tests in a copy of the packages, until one of them fails. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compiledPath, type Workspace } from "./workspace.ts";

/** A test file that takes this many times longer than without a mutation hangs, which also counts as noticed. */
const LIMIT_FACTOR = 10;
const LIMIT_MIN_MS = 20_000;

/** The same options as in `npm test`. */
const NODE_OPTIONS = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];

/** The result of a run of tests. */
export interface Run {
  /** The file that noticed the mutation; null if all pass. */
  readonly noticedBy: string | null;
  /** The evidence, such as the name of the failed test. */
  readonly words: string;
  /** Whether no test failed, but the file could not be loaded or its process ended. */
  readonly hasBroken: boolean;
  readonly ms: number;
}

const running = new Set<ChildProcess>();

/** Ends all running tests. */
export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/**
 * Runs test files in this order. `usualMs` returns the usual time of a file; `coverage` names a folder for the engine's
 * coverage data.
 */
export async function judge(
  workspace: Workspace,
  harness: string,
  tests: readonly string[],
  usualMs: (test: string) => number,
  coverage?: string,
): Promise<Run> {
  const began = performance.now();
  const paths = new Map(tests.map((test) => [workspace.path(compiledPath(test)), test]));
  const reporter = join(harness, "first-failure.js");
  const args = [...NODE_OPTIONS, `--test-reporter=${reporter}`, join(harness, "harness.js"), ...paths.keys()];
  const { NODE_TEST_CONTEXT: _, NODE_V8_COVERAGE: __, ...env } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: workspace.path(""),
    env: coverage === undefined ? env : { ...env, NODE_V8_COVERAGE: coverage },
    stdio: ["ignore", "pipe", "ignore"],
  });
  running.add(child);
  let test = tests[0] ?? "";
  let failed: string | undefined;
  let broke: string | undefined;
  let isLate = false;
  let limit = setTimeout(() => {}, 0);
  let signal: NodeJS.Signals | null = null;
  const closed = new Promise<number | null>((resolve) => {
    child.on("close", (status, by) => {
      signal = by;
      resolve(status);
    });
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const told = messageIn(line);
    if (told.at !== undefined) {
      test = paths.get(told.at) ?? told.at;
      clearTimeout(limit);
      limit = setTimeout(
        () => {
          isLate = true;
          child.kill("SIGKILL");
        },
        Math.max(LIMIT_MIN_MS, LIMIT_FACTOR * usualMs(test)),
      );
    }
    failed ??= told.failed;
    // The failure is reported slightly later, when the next file may have begun.
    if (told.file !== undefined) test = paths.get(told.file) ?? test;
    broke ??= told.broke;
  }
  const status = await closed;
  clearTimeout(limit);
  running.delete(child);
  const ms = performance.now() - began;
  // A run that was killed from outside has noticed nothing.
  if (signal === "SIGKILL" && !isLate) throw new Error(`the tests of ${test} were killed from outside`);
  const noticed = (words: string, hasBroken: boolean): Run => ({ noticedBy: test, words, hasBroken, ms });
  if (failed !== undefined) return noticed(failed, false);
  if (isLate) return noticed("hangs", false);
  if (broke !== undefined) return noticed(`breaks before its tests: ${broke}`, true);
  return status === 0
    ? { noticedBy: null, words: "passes", hasBroken: false, ms }
    : noticed(`ends with ${status}`, true);
}

interface Message {
  readonly at?: string;
  readonly failed?: string;
  readonly file?: string;
  readonly broke?: string;
}

/** Tests may print anything. */
function messageIn(line: string): Message {
  if (!line.startsWith('{"')) return {};
  try {
    return JSON.parse(line) as Message;
  } catch {
    return {};
  }
}
