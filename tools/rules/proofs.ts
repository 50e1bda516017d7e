import ts from "typescript";
import { parse } from "./imports.ts";
import { exists, read } from "./repository.ts";

/** A test by its file and, if a single test is meant, its name. */
export interface Proof {
  readonly path: string;
  readonly name: string | undefined;
}

/** The proofs in a text: `packages/core/test/merge.test.ts › "a test's name"; interop/src/cases/join.ts`. */
export function proofsIn(text: string): Proof[] {
  return text.split(/;\s*(?=[\w.@/-]+(?:$|;| ›))/).map((part) => {
    const [path = "", name] = part.split(" › ").map((words) => words.trim());
    return { path, name: name?.replace(/^"(.*)"$/, "$1").replaceAll("\\|", "|") };
  });
}

/** Programs of interop that are one case each; other files declare their cases. */
const PROGRAMS = ["interop/src/serf/scale.ts", "interop/src/serf/cli.ts"];

/** The fault of a proof, or null: its file is not a test file, doesn't exist, or has no test of this name. */
export function proofFault({ path, name }: Proof): string | null {
  const isTest = path.endsWith(".test.ts");
  if (!isTest && !/^interop\/src\/.*\.ts$/.test(path)) return `${path} is no test file`;
  if (!exists(path)) return `${path} doesn't exist`;
  if (!isTest && !isCase(path)) return `${path} is no case`;
  return name === undefined || namesIn(path).has(name) ? null : `${path} has no test "${name}"`;
}

function isCase(path: string): boolean {
  return PROGRAMS.includes(path) || /^export const \w+: (?:Serf|Soak)?Case = \{$/m.test(read(path));
}

const known = new Map<string, Set<string>>();

function namesIn(path: string): Set<string> {
  const names = known.get(path) ?? testNames(parse(path));
  known.set(path, names);
  return names;
}

/** The names of a file's tests, if they are literals. */
export function testNames(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === "it") {
      const [name] = node.arguments;
      if (name !== undefined && ts.isStringLiteralLike(name)) names.add(name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}
