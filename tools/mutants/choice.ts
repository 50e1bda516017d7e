/** Chooses the mutations of a run. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";

/** The fields of every mutation, handwritten or generated. */
export interface Named {
  readonly name: string;
  readonly file: string;
}

/** The request of the command line. */
export interface Request {
  /** Parts of names and files; an empty list means all. */
  readonly words: readonly string[];
  /** Only mutations of files that changed since this revision; null for the default one, undefined for all files. */
  readonly changedSince: string | null | undefined;
  readonly atMost: number;
  readonly isList: boolean;
}

/** Reads the command's arguments; returns a text if they are wrong. */
export function requestOf(args: readonly string[]): Request | string {
  const words: string[] = [];
  let changedSince: string | null | undefined;
  let atMost = Number.POSITIVE_INFINITY;
  let isList = false;
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? "";
    const next = args[index + 1];
    const value = next === undefined || next.startsWith("--") ? undefined : next;
    if (word === "--list") isList = true;
    else if (word === "--changed") {
      changedSince = value ?? null;
      if (value !== undefined) index++;
    } else if (word === "--at-most") {
      atMost = Number(value);
      if (!(Number.isInteger(atMost) && atMost > 0)) return "--at-most takes a whole number";
      index++;
    } else if (word.startsWith("--")) return `there is no ${word}`;
    else words.push(word);
  }
  return { words, changedSince, atMost, isList };
}

/** At most this many mutations, the same ones for the same `salt` however the others change. Keeps the order. */
export function sample<T extends Named>(all: readonly T[], atMost: number, salt: string): T[] {
  if (all.length <= atMost) return [...all];
  const keyOf = ({ file, name }: Named): string => createHash("sha256").update(`${salt} ${file} ${name}`).digest("hex");
  const keys = all.map(keyOf);
  const last = [...keys].sort()[atMost - 1] ?? "";
  return all.filter((_, index) => (keys[index] ?? "") <= last);
}

/** The files that differ from a revision, and its name; null if there is nothing to compare with. */
export function changedFiles(root: string, base: string | null): { files: string[]; since: string } | null {
  const git = (...args: readonly string[]): string | null => {
    const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
    return status === 0 ? stdout.trim() : null;
  };
  const head = git("rev-parse", "HEAD");
  // By default everything that is not on the main branch yet; on the main branch, its last commit.
  const branched = git("merge-base", "HEAD", "origin/main");
  const since = base ?? (branched !== null && branched !== head ? branched : "HEAD~1");
  const revision = git("rev-parse", "--verify", "--quiet", `${since}^{commit}`);
  const files = revision === null ? null : git("diff", "--name-only", revision, "--", "packages");
  const added = git("ls-files", "--others", "--exclude-standard", "--", "packages");
  if (files === null || revision === null) return null;
  return { files: [files, added ?? ""].join("\n").split("\n").filter(Boolean), since: revision.slice(0, 10) };
}

/** The revision of the working tree, which seeds the choice of a sample. */
export function revisionOf(root: string): string {
  return spawnSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).stdout?.trim() ?? "";
}
