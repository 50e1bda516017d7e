import type { JsonSchema, Row, Table } from "hearsay/options";
import { AGENT_ROWS } from "./agent-options.ts";

/** A path in the schema, such as `timings.probeInterval`. */
export interface ConfigKey {
  readonly path: string;
  readonly row: Row<unknown>;
  /** The parts, if it has any. */
  readonly parts: Table | null;
  /** Whether it takes a value as a whole, besides by its parts. */
  readonly isWhole: boolean;
}

/** All keys, in the order of the reference page. */
export const CONFIG_KEYS: ReadonlyMap<string, ConfigKey> = new Map(
  keysOf(AGENT_ROWS, "").map((key) => [key.path, key]),
);

/** A key of the schema. @throws TypeError if there is none, which is a fault of a table here */
export function keyOf(path: string): ConfigKey {
  const key = CONFIG_KEYS.get(path);
  if (key === undefined) throw new TypeError(`there is no key ${path}`);
  return key;
}

/** The keys that can have a value. */
export const VALUE_KEYS: readonly ConfigKey[] = [...CONFIG_KEYS.values()].filter(({ isWhole }) => isWhole);

/**
 * A text from the environment or a command line as the value that a file would hold: a number, true or false, a list
 * separated by commas, tags as `name=value` separated by commas. Text that is none of what the key takes stays text,
 * for the check to refuse.
 */
export function valueOfText(text: string, { path, row }: ConfigKey): unknown {
  const schemas = alternatives(row.form.schema);
  const takes = (type: string): boolean => schemas.some((schema) => schema["type"] === type);
  if (takes("boolean") && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if ((takes("integer") || takes("number")) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (takes("array")) return UNSPLIT.includes(path) ? linesIn(text) : textsIn(text);
  if (takes("object") && row.form.parts === undefined) return tagsIn(text) ?? text;
  return text;
}

/** Lists whose elements may have commas: in a text they stand in lines. */
const UNSPLIT: readonly string[] = ["eventHandlers"];

function linesIn(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

/** Several texts as one, which `valueOfText` reads as their list. */
export function joinedTexts(texts: readonly string[], { path }: ConfigKey): string {
  return texts.join(UNSPLIT.includes(path) ? "\n" : ",");
}

/** The elements of a list that is written as one text. Empty ones are skipped. */
export function textsIn(text: string): string[] {
  return text
    .split(",")
    .map((element) => element.trim())
    .filter((element) => element !== "");
}

function tagsIn(text: string): Record<string, string> | null {
  const pairs = textsIn(text).map((pair) => /^([^=]+)=(.*)$/s.exec(pair));
  if (pairs.some((pair) => pair === null)) return null;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}

function keysOf(table: Table, prefix: string): ConfigKey[] {
  return Object.entries(table).flatMap(([name, row]) => {
    if (row.form.schema === undefined) return [];
    const path = `${prefix}${name}`;
    const parts = row.form.parts ?? null;
    const isWhole = parts === null || alternatives(row.form.schema).length > 1;
    return [{ path, row, parts, isWhole }, ...keysOf(parts ?? {}, `${path}.`)];
  });
}

function alternatives(schema: JsonSchema | undefined): readonly JsonSchema[] {
  const anyOf = schema?.["anyOf"];
  return Array.isArray(anyOf) ? (anyOf as readonly JsonSchema[]) : schema === undefined ? [] : [schema];
}
