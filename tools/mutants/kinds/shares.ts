import ts from "typescript";
import type { Mutation } from "../mutation.ts";
import { constantsOf, inPlaceOf, lastName, nodesBelow, placeOf } from "../syntax.ts";
import { scaled } from "./numbers.ts";

const SHARES = "RUMOR_SHARES";
/** Functions that return how often a rumor is sent. */
const LIMITS = ["limitOf", "#limitIn"];

/** Each class's share of a packet times 3, and divided by 3. */
export function shares(source: ts.SourceFile): Mutation[] {
  const list = constantsOf(source).find(({ name }) => name.text === SHARES)?.initializer;
  if (list === undefined) return [];
  if (!ts.isArrayLiteralExpression(list)) throw new Error(`${SHARES} is a list`);
  return list.elements.flatMap((share, index) => scaled(share, `share of rumors of class ${index}`, [SHARES]));
}

/** Each transmit limit times 3, and divided by 3, at each call that reads it. */
export function transmitLimits(source: ts.SourceFile): Mutation[] {
  return nodesBelow(source, ts.isCallExpression).flatMap((call) => {
    const name = lastName(call.expression);
    if (!LIMITS.includes(name)) return [];
    const limit = `transmit limit of ${call.arguments[0]?.getText()} in ${placeOf(call)}`;
    return [
      inPlaceOf(call, `${limit} times 3`, `3 * ${call.getText()}`, [name]),
      inPlaceOf(call, `${limit} divided by 3`, `Math.ceil(${call.getText()} / 3)`, [name]),
    ];
  });
}
