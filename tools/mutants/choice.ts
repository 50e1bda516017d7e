/** Which mutations a run is about. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";

/** What every mutation has, by hand or not. */
export interface Named {
  readonly name: string;
  readonly file: string;
}

/** What the command was asked for. */
export interface Request {
  /** Parts of names and files; none means all. */
  readonly words: readonly string[];
  /** Only what lies in files that changed since a revision; null for the one before, undefined for all files. */
  readonly changedSince: string | null | undefined;
  readonly atMost: number;
  readonly isList: boolean;
}

/** Reads the command's arguments; a text says what is wrong with them. */
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

/** At most so many, the same ones for the same `salt` however the others change. Keeps the order. */
export function sample<T extends Named>(all: readonly T[], atMost: number, salt: string): T[] {
  if (all.length <= atMost) return [...all];
  const keyOf = ({ file, name }: Named): string => createHash("sha256").update(`${salt} ${file} ${name}`).digest("hex");
  const keys = all.map(keyOf);
  const last = [...keys].sort()[atMost - 1] ?? "";
  return all.filter((_, index) => (keys[index] ?? "") <= last);
}

/** The files that differ from a revision, and its name; null if there is none to compare with. */
export function changedFiles(root: string, base: string | null): { files: string[]; since: string } | null {
  const git = (...args: readonly string[]): string | null => {
    const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
    return status === 0 ? stdout.trim() : null;
  };
  const head = git("rev-parse", "HEAD");
  // What is not on the main branch yet; on it, the last landing.
  const branched = git("merge-base", "HEAD", "origin/main");
  const since = base ?? (branched !== null && branched !== head ? branched : "HEAD~1");
  const revision = git("rev-parse", "--verify", "--quiet", `${since}^{commit}`);
  const files = revision === null ? null : git("diff", "--name-only", revision, "--", "packages");
  const added = git("ls-files", "--others", "--exclude-standard", "--", "packages");
  if (files === null || revision === null) return null;
  return { files: [files, added ?? ""].join("\n").split("\n").filter(Boolean), since: revision.slice(0, 10) };
}

/** The revision of the working tree, which seeds what is chosen where there is nothing to compare with. */
export function revisionOf(root: string): string {
  return spawnSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).stdout?.trim() ?? "";
}
