import { inspect } from "node:util";

/**
 * A line of a log in logfmt, as Go's structured loggers write it: the text, then `name=value` for each field. Values with
 * spaces, quotes or `=` in them are quoted. Whatever a peer put into a name, the line stays one line.
 */
export function logLine(text: string, fields: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${quoted(textOf(value))}`);
  return [escapeControls(text), ...pairs].join(" ");
}

/**
 * Controls of the terminal, line ends, marks that turn the direction of writing, and halves of surrogate pairs: what
 * would let a text pretend to be another line, or reach the terminal of whoever reads the log.
 */
const CONTROLS = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * The text in one line, with everything escaped that a terminal would obey: `\n`, `\u001b`. Names of members, events and
 * tags are as their nodes gave them, so print them only like this.
 */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const short = SHORT_ESCAPES.get(character);
    return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** A backslash alone needs no quotes; within them it is doubled, so that each quoted value can be read back. */
function quoted(text: string): string {
  const isPlain = text !== "" && text.search(CONTROLS) === -1 && !/[\s"=]/.test(text);
  return isPlain ? text : `"${escapeControls(text.replace(/["\\]/g, "\\$&"))}"`;
}

function textOf(value: unknown): string {
  if (value instanceof Error) return value.message;
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "object" && value !== null
    ? inspect(value, { breakLength: Number.POSITIVE_INFINITY })
    : String(value);
}
