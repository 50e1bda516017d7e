import { inspect } from "node:util";

/**
 * A log line in logfmt, as Go's structured loggers write it: the text, then `name=value` for each field. Values with
 * spaces, quotes or `=` are quoted. The line stays one line, whatever a peer put into a name.
 */
export function logLine(text: string, fields: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${quoted(textOf(value))}`);
  return [escapeControls(text), ...pairs].join(" ");
}

/**
 * Control characters, line ends, bidirectional marks and lone surrogates: characters that could fake another line, or
 * control the terminal of a log's reader.
 */
const CONTROLS = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Escapes everything that a terminal would obey, such as `\n` and `\u001b`, so that the text stays on one line. Names
 * of members, events and tags come unchanged from their nodes, so escape them before you print them.
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

/** A backslash alone needs no quotes; inside quotes it is doubled, so that a quoted value can be parsed again. */
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
