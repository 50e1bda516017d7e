/** Finds the tests that can notice a mutation, by the code that each test executes, and the most likely ones. */
import ts from "typescript";
import type { Mutation } from "./mutation.ts";
import { nodesBelow } from "./syntax.ts";

/** An executed range of compiled code: an entry in the output of `NODE_V8_COVERAGE`. */
export interface ExecutedRange {
  readonly start: number;
  readonly end: number;
}

/** One test file's run without any mutation. */
export interface TestRun {
  readonly test: string;
  readonly ms: number;
  /** The test's own text, which may mention names of the core. */
  readonly text: string;
  /** The executed functions, by file of the core. */
  readonly executed: ReadonlyMap<string, readonly ExecutedRange[]>;
}

/** A file of the core, and its compiled text. */
export interface CoreFile {
  readonly file: string;
  readonly source: string;
  readonly compiled: string;
}

interface Place {
  readonly file: string;
  /** The index of the file's function; -1 for the module itself. */
  readonly index: number;
}

export class Reach {
  readonly #runs: readonly TestRun[];
  readonly #sources = new Map<string, ts.SourceFile>();
  readonly #functions = new Map<string, readonly ts.Node[]>();
  /** The tests that execute each function. */
  readonly #tests = new Map<string, Set<TestRun>>();
  /** The functions that mention each name. */
  readonly #users = new Map<string, Place[]>();
  /** The names that modules declare on load by means of each name. */
  readonly #derived = new Map<string, Set<string>>();
  /** The texts of modules that several tests share. */
  readonly #shared: readonly string[];
  readonly #noticed = new Map<string, string[]>();

  constructor(core: readonly CoreFile[], runs: readonly TestRun[], shared: readonly string[]) {
    this.#runs = runs;
    this.#shared = shared;
    for (const coreFile of core) this.#learn(coreFile);
  }

  /** The tests that can notice, most likely and quickest first. */
  testsFor(mutation: Mutation): string[] {
    const able = this.#ableFor(mutation);
    const users = new Set(mutation.hints.flatMap((name) => this.#testsOf(this.#users.get(name) ?? [])));
    const noticed = this.#noticed.get(mutation.file) ?? [];
    const isNamed = ({ text }: TestRun): boolean => mutation.hints.some((name) => mentions(text, name));
    const folder = mutation.file.replace(/^packages\/core\/src\/(?:layers\/)?/, "").replace(/\/[^/]*$/, "");
    const rank = (run: TestRun): number[] => [
      isNamed(run) ? 0 : 1,
      noticed.includes(run.test) ? noticed.indexOf(run.test) : noticed.length,
      users.has(run) ? 0 : 1,
      run.test.includes(`/${folder}/`) ? 0 : 1,
      run.ms,
    ];
    return [...able].sort((a, b) => compare(rank(a), rank(b))).map(({ test }) => test);
  }

  /** Records that a test noticed a mutation; it may notice others of the same file. */
  noticed({ file }: Mutation, test: string): void {
    const before = this.#noticed.get(file) ?? [];
    this.#noticed.set(file, [test, ...before.filter((other) => other !== test)].slice(0, 3));
  }

  #ableFor(mutation: Mutation): ReadonlySet<TestRun> {
    const functions = this.#functions.get(mutation.file) ?? [];
    const index = functions.findLastIndex((node) => isAround(node, mutation.start, mutation.end));
    if (index >= 0) return new Set(this.#testsOf([{ file: mutation.file, index }]));
    // Code of the module itself: every test that executes what mentions it, or what is derived from it.
    const names = this.#namesFrom(mutation);
    const users = [...names].flatMap((name) => this.#users.get(name) ?? []);
    const able = new Set(this.#testsOf(users));
    for (const name of names) {
      const isShared = this.#shared.some((text) => mentions(text, name));
      for (const run of this.#runs) if (isShared || mentions(run.text, name)) able.add(run);
    }
    return able;
  }

  #namesFrom(mutation: Mutation): Set<string> {
    const statement = this.#sources
      .get(mutation.file)
      ?.statements.find((node) => isAround(node, mutation.start, mutation.end));
    const names = new Set(statement === undefined ? [] : declaredBy(statement));
    for (const name of names) for (const derived of this.#derived.get(name) ?? []) names.add(derived);
    return names;
  }

  #testsOf(places: readonly Place[]): TestRun[] {
    return places.flatMap(({ file, index }) => [...(this.#tests.get(`${file} ${index}`) ?? [])]);
  }

  #learn({ file, source, compiled }: CoreFile): void {
    const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true);
    const functions = functionsIn(tree);
    const executable = functionsIn(ts.createSourceFile("compiled.js", compiled, ts.ScriptTarget.ES2022, true));
    // Compiling removes only types.
    if (functions.length !== executable.length) throw new Error(`${file} compiles to other functions`);
    this.#sources.set(file, tree);
    this.#functions.set(file, functions);
    for (const run of this.#runs) {
      for (const range of run.executed.get(file) ?? []) {
        const index = indexOf(executable, range);
        if (index < 0) continue;
        const key = `${file} ${index}`;
        const tests = this.#tests.get(key) ?? new Set();
        this.#tests.set(key, tests.add(run));
      }
    }
    for (const statement of tree.statements) this.#learnNames(file, functions, statement);
    for (const { propertyName, name } of nodesBelow(tree, isRenamed)) this.#derive(propertyName?.text ?? "", name.text);
  }

  #learnNames(file: string, functions: readonly ts.Node[], statement: ts.Statement): void {
    const declared = declaredBy(statement);
    for (const { text, pos, end } of nodesBelow(statement, isName)) {
      const index = functions.findLastIndex((node) => isAround(node, pos, end));
      if (index >= 0) {
        const users = this.#users.get(text) ?? [];
        this.#users.set(text, users);
        users.push({ file, index });
        continue;
      }
      for (const name of declared) this.#derive(text, name);
    }
  }

  #derive(from: string, name: string): void {
    const derived = this.#derived.get(from) ?? new Set();
    this.#derived.set(from, derived.add(name));
  }
}

function functionsIn(source: ts.SourceFile): ts.Node[] {
  return nodesBelow(
    source,
    (node): node is ts.Node => ts.isFunctionLike(node) && "body" in node && node.body !== undefined,
  );
}

function isName(node: ts.Node): node is ts.Identifier | ts.PrivateIdentifier {
  return ts.isIdentifier(node) || ts.isPrivateIdentifier(node);
}

function isAround(node: ts.Node, start: number, end: number): boolean {
  return node.pos <= start && end <= node.end;
}

/**
 * The function of an executed range: the engine ends the range where the tree ends the function, and begins it at the
 * name or later.
 */
function indexOf(functions: readonly ts.Node[], { start, end }: ExecutedRange): number {
  let found = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (const [index, node] of functions.entries()) {
    if (node.end !== end || Math.abs(node.getStart() - start) >= distance) continue;
    found = index;
    distance = Math.abs(node.getStart() - start);
  }
  return found;
}

function isRenamed(node: ts.Node): node is ts.ImportSpecifier | ts.ExportSpecifier {
  return (ts.isImportSpecifier(node) || ts.isExportSpecifier(node)) && node.propertyName !== undefined;
}

/** The names that a statement of a module declares. */
function declaredBy(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations
      .flatMap(({ name }) => nodesBelow(name, ts.isIdentifier))
      .map(({ text }) => text);
  }
  const isNamed = ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$#])${name.replace("#", "")}(?![\\w$])`).test(text);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
