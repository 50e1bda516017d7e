import ts from "typescript";
import type { Mutation } from "../mutation.ts";
import { constantsOf, inPlaceOf } from "../syntax.ts";

/** Tables of settings: an array of rows, each of which names its setting by `key`. */
const ROWS = "SETTINGS";
/** Serf's defaults, an object, and the calls whose arguments are a setting's name, unit, least and largest value. */
const SERF_DEFAULTS = "SERF_DEFAULTS";
const SERF_ROWS = "SERF_SETTINGS";

/** Endings of the names of constants that are limits, sizes, shares or times. */
const LIMIT =
  /(?:^|_)(?:MAX|MIN|MS|LIMIT|BYTES|SHARE|GAIN|RHO|WINDOW|FROM|BURST|SECOND|WEIGHT|EPSILON|POOL|STEP|SLOTS|SLICE|AHEAD|ABSURD|BUCKETS|CELLS|PARTITIONS|POSITIONS|DIMENSIONS|TERMS)$/;

/** Each number of the settings times 3, and divided by 3: `SwimConfig` with its presets and bounds, and `SerfConfig`. */
export function settingNumbers(source: ts.SourceFile): Mutation[] {
  return constantsOf(source).flatMap(({ name, initializer }) => {
    if (name.text === ROWS && initializer !== undefined) return rowNumbers(initializer);
    if (name.text === SERF_DEFAULTS && initializer !== undefined) return defaultNumbers(initializer);
    if (name.text === SERF_ROWS && initializer !== undefined) return boundNumbers(initializer);
    return [];
  });
}

/** Each limit times 3, and divided by 3. */
export function limits(source: ts.SourceFile): Mutation[] {
  const constants = constantsOf(source);
  return constants.flatMap(({ name, initializer }, index) => {
    if (initializer === undefined || !LIMIT.test(name.text) || !isNumeric(initializer)) return [];
    return isEnumerated(constants, index) ? [] : scaled(initializer, `limit ${name.text}`, [name.text]);
  });
}

/** Whether a constant is one of three or more consecutive numbers: these are identifiers, not limits. */
function isEnumerated(constants: readonly ts.VariableDeclaration[], index: number): boolean {
  const at = (offset: number): number | undefined => {
    const initializer = constants[index + offset]?.initializer;
    return initializer === undefined ? undefined : resultOf(initializer);
  };
  const value = at(0);
  if (value === undefined) return false;
  const counts = (...offsets: readonly number[]): boolean => offsets.every((offset) => at(offset) === value + offset);
  return counts(-2, -1) || counts(-1, 1) || counts(1, 2);
}

/** An expression times 3 and divided by 3: whole numbers stay whole, and 0 becomes 1. */
export function scaled(node: ts.Expression, name: string, hints: readonly string[]): Mutation[] {
  const value = resultOf(node);
  const text = node.getText();
  if (value === 0) return [inPlaceOf(node, `${name} 1, not 0`, "1", hints)];
  const times = value === undefined ? `(${text}) * 3` : String(value * 3);
  const third = value !== undefined && Number.isInteger(value) ? Math.round(value / 3) : (value ?? 0) / 3;
  const divided = value === undefined ? `(${text}) / 3` : String(third);
  return [inPlaceOf(node, `${name} times 3`, times, hints), inPlaceOf(node, `${name} divided by 3`, divided, hints)];
}

function rowNumbers(table: ts.Expression): Mutation[] {
  if (!ts.isArrayLiteralExpression(table)) throw new Error(`${ROWS} is a list of rows`);
  return table.elements.filter(ts.isObjectLiteralExpression).flatMap((row) => {
    const cells = row.properties.filter(ts.isPropertyAssignment);
    const key = cells.find(({ name }) => name.getText() === "key")?.initializer;
    if (key === undefined || !ts.isStringLiteral(key)) throw new Error(`a row of ${ROWS} has no key`);
    return cells.flatMap(({ name, initializer }) =>
      isNumeric(initializer) ? scaled(initializer, `setting ${key.text}, ${name.getText()}`, [key.text]) : [],
    );
  });
}

function defaultNumbers(table: ts.Expression): Mutation[] {
  if (!ts.isObjectLiteralExpression(table)) throw new Error(`${SERF_DEFAULTS} is an object`);
  return table.properties.filter(ts.isPropertyAssignment).flatMap(({ name, initializer }) => {
    const key = name.getText();
    const isFlag = [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword].includes(initializer.kind);
    return isFlag ? [] : scaled(initializer, `setting ${key}, default`, [key]);
  });
}

function boundNumbers(table: ts.Expression): Mutation[] {
  if (!ts.isArrayLiteralExpression(table)) throw new Error(`${SERF_ROWS} is a list of calls`);
  return table.elements.filter(ts.isCallExpression).flatMap(({ arguments: [key, , least, most] }) => {
    if (key === undefined || !ts.isStringLiteral(key) || least === undefined || most === undefined)
      throw new Error(`a row of ${SERF_ROWS} is key, unit, least, most`);
    const name = `setting ${key.text}`;
    return [...scaled(least, `${name}, min`, [key.text]), ...scaled(most, `${name}, max`, [key.text])];
  });
}

/** Whether an expression is a number, judged by its text alone. */
function isNumeric(node: ts.Expression): boolean {
  if (ts.isNumericLiteral(node) || ts.isPrefixUnaryExpression(node)) return true;
  if (ts.isParenthesizedExpression(node)) return isNumeric(node.expression);
  if (ts.isBinaryExpression(node)) return isNumeric(node.left) || isNumeric(node.right);
  return ts.isIdentifier(node) && /^[A-Z][A-Z0-9_]*$/.test(node.text);
}

/** The value of an expression of numbers; undefined if it contains a name. */
function resultOf(node: ts.Expression): number | undefined {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isParenthesizedExpression(node)) return resultOf(node.expression);
  if (!ts.isBinaryExpression(node)) return undefined;
  const left = resultOf(node.left);
  const right = resultOf(node.right);
  return left === undefined || right === undefined ? undefined : OPERATIONS[node.operatorToken.kind]?.(left, right);
}

const OPERATIONS: Readonly<Partial<Record<ts.SyntaxKind, (left: number, right: number) => number>>> = {
  [ts.SyntaxKind.PlusToken]: (left, right) => left + right,
  [ts.SyntaxKind.AsteriskToken]: (left, right) => left * right,
  [ts.SyntaxKind.SlashToken]: (left, right) => left / right,
  [ts.SyntaxKind.AsteriskAsteriskToken]: (left, right) => left ** right,
};
