import ts from "typescript";
import type { Mutation } from "../mutation.ts";
import { bodyOf, constantsOf, inPlaceOf, insertedAt, lastName, nodesBelow, placeOf } from "../syntax.ts";

/** The file with the kinds of deadlines and the heap of all deadlines. */
const FILE = /\/base\/deadlines\.ts$/;

/** Each kind of deadline never armed. */
export function deadlineKinds(source: ts.SourceFile): Mutation[] {
  if (!FILE.test(source.fileName)) return [];
  const start = bodyOf(source, "push").getStart() + 1;
  return constantsOf(source).map(({ name }) =>
    insertedAt(source, start, `deadline ${name.text} never armed`, ` if (kind === ${name.text}) return;`, [name.text]),
  );
}

/** Each place that arms a deadline, separately: most kinds are armed in several places. */
export function deadlineSites(source: ts.SourceFile): Mutation[] {
  return nodesBelow(source, ts.isCallExpression).flatMap((call) => {
    const { expression, arguments: args } = call;
    if (!ts.isPropertyAccessExpression(expression)) return [];
    const isHeap = /deadlines$/i.test(expression.expression.getText()) && expression.name.text === "push";
    if (!isHeap && expression.name.text !== "wakeAt") return [];
    const kind = lastName(args[1]);
    return [inPlaceOf(call, `deadline ${kind} not armed in ${placeOf(call)}`, "undefined", [kind])];
  });
}
