import type ts from "typescript";
import type { Mutation } from "../mutation.ts";
import { bodyOf, inPlaceOf } from "../syntax.ts";

const FILE = /\/membership\/precedence\.ts$/;
const RULE = "supersedes";
const STATUSES = ["alive", "suspect", "dead", "left"];
const INCARNATIONS = [
  ["a lower", "<"],
  ["the same", "==="],
  ["a higher", ">"],
] as const;

/**
 * Each cell of precedence inverted: the known status, the status in the news, and the comparison of their incarnations.
 */
export function precedence(source: ts.SourceFile): Mutation[] {
  if (!FILE.test(source.fileName)) return [];
  const body = bodyOf(source, RULE);
  return STATUSES.flatMap((known) =>
    STATUSES.flatMap((news) =>
      INCARNATIONS.map(([comparison, operator]) => {
        const isKnown = `known === ${known.toUpperCase()}_STATUS`;
        const isCell = `${isKnown} && news === ${news.toUpperCase()}_STATUS && incarnation ${operator} knownIncarnation`;
        const swapped = `{ const rule = (() => ${body.getText()})(); return ${isCell} ? !rule : rule; }`;
        return inPlaceOf(body, `precedence of ${news} with ${comparison} incarnation over ${known} swapped`, swapped, [
          RULE,
        ]);
      }),
    ),
  );
}
