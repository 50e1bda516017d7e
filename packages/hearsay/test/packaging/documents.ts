import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the repository, from where the compiled test lies. */
export const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));

/** A program that a document shows, with what it says that the program prints. */
export interface Sample {
  /** The document and the line that the program begins at. */
  readonly where: string;
  readonly code: string;
  /** The text block that follows at once; null if there is none. */
  readonly prints: string | null;
}

/** All TypeScript programs of a document, in order. */
export function samplesOf(path: string): Sample[] {
  const text = readFileSync(`${ROOT}${path}`, "utf8");
  const samples: Sample[] = [];
  for (const match of text.matchAll(/^```ts\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm)) {
    const line = text.slice(0, match.index).split("\n").length + 1;
    samples.push({ where: `${path}:${line}`, code: match[1] ?? "", prints: match[2] ?? null });
  }
  return samples;
}
