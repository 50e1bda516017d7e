import ts from "typescript";
import { branches } from "./kinds/branches.ts";
import { deadlineKinds, deadlineSites } from "./kinds/deadlines.ts";
import { messages } from "./kinds/messages.ts";
import { limits, settingNumbers } from "./kinds/numbers.ts";
import { precedence } from "./kinds/precedence.ts";
import { shares, transmitLimits } from "./kinds/shares.ts";
import type { Mutation } from "./mutation.ts";
import { numbered } from "./syntax.ts";

/** Every kind of rule that is removed. A kind that finds nothing in the core no longer matches its target. */
export const KINDS: Readonly<Record<string, (source: ts.SourceFile) => Mutation[]>> = {
  settingNumbers,
  limits,
  branches,
  precedence,
  deadlineKinds,
  deadlineSites,
  messages,
  shares,
  transmitLimits,
};

/** All mutations of one file, in the order of the kinds. */
export function mutationsOf(file: string, text: string): Mutation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  return numbered(Object.values(KINDS).flatMap((kind) => kind(source)));
}
