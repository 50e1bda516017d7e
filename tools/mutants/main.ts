/**
 * Removes one rule of the protocol at a time and checks whether the tests notice. A rule whose removal is not noticed
 * is not proved.
 *
 *   npm run mutants                        all of them
 *   npm run mutants -- WORD ...            those whose name or file contains one of the words
 *   npm run mutants -- --changed [BASE]    those of files that changed since a revision; by default since the branch left
 *                                          origin/main, and on that branch itself since HEAD~1
 *   npm run mutants -- --at-most N         at most N, the same ones each time at the same revision
 *   npm run mutants -- --list              runs nothing, and prints the mutations
 *
 * Most are generated from the syntax tree of packages/core/src: each number of the settings and each limit times 3 and
 * divided by 3, each branch on `rules.*` fixed either way, each cell of precedence inverted, each deadline never armed,
 * each kind of message ignored, each share and transmit limit. Any of the core's quick tests may notice them.
 * tools/mutations holds handwritten ones, each of which must be noticed by every test that it names.
 *
 * Works on copies of the built packages in temporary folders.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { changedFiles, type Named, type Request, requestOf, revisionOf, sample } from "./choice.ts";
import { EQUIVALENT } from "./equivalent.ts";
import { mutationsOf } from "./generate.ts";
import { applied, type Mutation } from "./mutation.ts";
import { Session } from "./session.ts";

/** A handwritten mutation. */
interface ByHand extends Named {
  readonly find: string;
  readonly replace: string;
  readonly tests: readonly string[];
}

interface Result {
  readonly mutation: Mutation | ByHand;
  readonly isNoticed: boolean;
}

/** The percentage of generated mutations that may survive, each with its reason. */
const SURVIVORS_MAX = 2;

const CORE = "packages/core/src";
/**
 * Tests that may notice a generated mutation: all except long ones, and those that count garbage, which could fail on a
 * busy machine.
 */
const QUICK_TESTS = /^packages\/(?:core|testkit)\/test\/(?!garbage\.|experiments\/|serf\/pool\.).*\.test\.ts$/;
/** Helpers of such tests. */
const HELPERS = /^packages\/(?:core\/test|testkit\/(?:test|src\/cluster))\/.*(?<!\.test)\.ts$/;

const root = fileURLToPath(new URL("../../../", import.meta.url));
const request = requestOf(process.argv.slice(2));
if (typeof request === "string") console.error(request);
process.exitCode = typeof request === "string" ? 2 : await main(request);

async function main(asked: Request): Promise<number> {
  const core = filesBelow(CORE).map((file) => ({ file, source: read(file) }));
  const generated = core.flatMap(({ file, source }) => mutationsOf(file, source));
  const byHand = await handWritten();
  const faults = [...byHand.flatMap(faultsOf), ...faultsOfReasons(generated)];
  const all = [...byHand, ...generated].filter(({ name, file }) => isAsked(asked, name, file));
  if (all.length === 0) faults.push(`no mutation has ${asked.words.join(" or ")} in its name or file`);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) return 2;

  const due = dueOf(asked, all);
  const chosen = sample(due, asked.atMost, revisionOf(root));
  if (chosen.length < due.length) console.log(`${chosen.length} of ${due.length} mutations, the others are not run`);
  if (asked.isList) for (const { file, name } of chosen) console.log(`${file}: ${name}`);
  if (asked.isList || chosen.length === 0) return 0;

  const others = byHand.map(({ file }) => file).filter((file) => !file.startsWith(CORE));
  const sources = [...new Set(others)].map((file) => ({ file, source: read(file) }));
  const session = new Session(root, [...core, ...sources]);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      session.close();
      process.exit(130);
    });
  }
  try {
    const results = await judgeAll(session, chosen);
    return report(results, chosen.length === generated.length + byHand.length);
  } finally {
    session.close();
  }
}

/** The mutations of changed files, if requested; otherwise all. */
function dueOf({ changedSince }: Request, all: readonly (Mutation | ByHand)[]): readonly (Mutation | ByHand)[] {
  if (changedSince === undefined) return all;
  const changed = changedFiles(root, changedSince);
  if (changed === null) {
    console.log("there is no earlier revision here to compare with: all count as changed");
    return all;
  }
  const due = all.filter(({ file }) => changed.files.includes(file));
  console.log(`since ${changed.since} ${due.length === 0 ? "no file with a rule" : "files with these rules"} changed`);
  return due;
}

async function judgeAll(session: Session, chosen: readonly (Mutation | ByHand)[]): Promise<Result[]> {
  const quick = [...filesBelow("packages/core/test"), ...filesBelow("packages/testkit/test")].filter((file) =>
    QUICK_TESTS.test(file),
  );
  const named = chosen.flatMap((mutation) => (isByHand(mutation) ? mutation.tests : []));
  const helpers = [...filesBelow("packages/core/test"), ...filesBelow("packages/testkit")].filter((file) =>
    HELPERS.test(file),
  );
  const reach = await session.begin([...new Set([...quick, ...named])], helpers.map(read));
  const results: Result[] = [];
  await session.forEach(chosen, async (workspace, mutation) => {
    const { file, name } = mutation;
    const source = read(file);
    const told: string[] = [];
    let isNoticed = true;
    let ms = 0;
    if (isByHand(mutation)) {
      const changed = source.replace(mutation.find, () => mutation.replace);
      for (const test of mutation.tests) {
        const run = await session.tryOut(workspace, file, changed, [test]);
        // A test file that breaks before its tests run has not tested the rule.
        if (run.noticedBy === null || run.hasBroken) isNoticed = false;
        told.push(`${test}: ${run.words}`);
        ms += run.ms;
      }
    } else {
      const tests = reach.testsFor(mutation).filter((test) => QUICK_TESTS.test(test));
      const run = await session.tryOut(workspace, file, applied(mutation, source), tests);
      isNoticed = run.noticedBy !== null;
      if (run.noticedBy !== null) reach.noticed(mutation, run.noticedBy);
      told.push(run.noticedBy === null ? `${tests.length} test files pass` : `${run.noticedBy}: ${run.words}`);
      ms = run.ms;
    }
    results.push({ mutation, isNoticed });
    console.log(`${isNoticed ? "noticed " : "SURVIVES"} ${(ms / 1000).toFixed(1).padStart(6)} s  ${file}: ${name}`);
    for (const words of told) console.log(`                     ${words}`);
  });
  return results;
}

function report(results: readonly Result[], isWhole: boolean): number {
  const survivors = results.flatMap(({ mutation, isNoticed }) => (isNoticed ? [] : mutation));
  const reasonOf = ({ file, name }: Named): string | undefined =>
    EQUIVALENT.find((known) => known.file === file && known.name === name)?.reason;
  const problems = [
    ...survivors.flatMap((one) =>
      isByHand(one) || reasonOf(one) === undefined ? `SURVIVES  ${one.file}: ${one.name}` : [],
    ),
    ...results.flatMap(({ mutation, isNoticed }) =>
      isNoticed && reasonOf(mutation) !== undefined
        ? `is noticed, although it has a reason not to be  ${mutation.file}: ${mutation.name}`
        : [],
    ),
  ];
  console.log("");
  for (const one of survivors) {
    const reason = reasonOf(one);
    if (reason !== undefined) console.log(`the same   ${one.file}: ${one.name}: ${reason}`);
  }
  for (const problem of problems) console.log(problem);
  const generated = results.filter(({ mutation }) => !isByHand(mutation));
  const count = generated.filter(({ isNoticed }) => !isNoticed).length;
  const percent = ((100 * count) / Math.max(1, generated.length)).toFixed(1);
  console.log(
    `of ${generated.length} generated mutations ${count} survive, ${percent} %; of all, at most ${SURVIVORS_MAX} % may`,
  );
  if (isWhole && 100 * count > SURVIVORS_MAX * generated.length) problems.push("too many survive");
  console.log(`${Math.max(0, results.length - problems.length)} passed, ${problems.length} failed`);
  return problems.length === 0 ? 0 : 1;
}

async function handWritten(): Promise<readonly ByHand[]> {
  const { MUTATIONS } = await import(new URL("../../mutations/index.mjs", import.meta.url).href);
  return MUTATIONS;
}

function isByHand(mutation: Mutation | ByHand): mutation is ByHand {
  return "find" in mutation;
}

function isAsked({ words }: Request, name: string, file: string): boolean {
  return words.length === 0 || words.some((word) => name.includes(word) || file.includes(word));
}

/** The faults of a handwritten mutation: it must change exactly one place, and its tests must exist. */
function faultsOf({ name, file, find, replace, tests }: ByHand): string[] {
  const places = read(file).split(find).length - 1;
  if (places !== 1) return [`${name}: ${file} has ${places} places of ${JSON.stringify(find)}`];
  if (find === replace || tests.length === 0) return [`${name}: changes nothing, or names no tests`];
  const missing = tests.filter((path) => !existsSync(join(root, path)));
  return missing.length === 0 ? [] : [`${name}: there is no ${missing.join(", no ")}`];
}

/** Reasons for mutations that no longer exist. */
function faultsOfReasons(generated: readonly Mutation[]): string[] {
  const isThere = ({ file, name }: Named): boolean => generated.some((one) => one.file === file && one.name === name);
  return EQUIVALENT.filter((one) => !isThere(one)).map(
    ({ file, name }) => `a reason for no mutation: ${file}: ${name}`,
  );
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** The TypeScript files below a folder, sorted. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .filter((file) => !file.includes("/node_modules/"))
    .sort();
}
