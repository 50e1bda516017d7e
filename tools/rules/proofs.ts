import { exists, read } from "./repository.ts";

/** A test by its file and, where one test of the file is meant, its name. */
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

/** What is wrong with a proof, or null: its file is none of tests or isn't there, or has no test of this name. */
export function proofFault({ path, name }: Proof): string | null {
  if (!/\.test\.ts$|^interop\/src\/.*\.ts$/.test(path)) return `${path} is no test file`;
  if (!exists(path)) return `${path} doesn't exist`;
  return name === undefined || holdsText(path, name) ? null : `${path} has no test "${name}"`;
}

/** Whether a string literal of any kind in the file is this text. */
function holdsText(path: string, text: string): boolean {
  const source = read(path);
  return ['"', "'", "`"].some((quote) => source.includes(quote + text.replaceAll(quote, `\\${quote}`) + quote));
}
