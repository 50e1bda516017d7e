import {
  DURATION_FORM,
  DURATION_SCHEMA,
  type Duration,
  formatDuration,
  parseDuration,
  TIMER_MS_MAX,
} from "../base/durations.ts";
import type { OptionFault } from "../base/errors.ts";
import { type Check, type Form, form, isRecord, type JsonSchema } from "./form.ts";

const TEXT: JsonSchema = { type: "string" };

/** Texts by name. */
export const TEXTS: JsonSchema = { type: "object", additionalProperties: TEXT };

/** True or false. */
export const flag: Form<boolean> = form(
  { type: "boolean", bounds: "true or false", schema: { type: "boolean" } },
  "true or false",
  (given) => (typeof given === "boolean" ? given : undefined),
);

/** One of the given words. */
export function choice<const Choices extends readonly string[]>(choices: Choices): Form<Choices[number]> {
  const bounds = choices.map((one) => `"${one}"`).join(", ");
  const about = { type: "choice", bounds, schema: { enum: choices } };
  return form(about, `one of ${bounds}`, (given) => choices.find((one) => one === given));
}

/** A whole number; the bounds are inclusive. */
export function integer(min: number, max: number, unit?: string): Form<number> {
  return numeric("integer", "a whole number", min, max, unit, Number.isInteger);
}

/** A number, with or without a fraction; the bounds are inclusive. */
export function fraction(min: number, max: number, unit?: string): Form<number> {
  return numeric("number", "a number", min, max, unit, Number.isFinite);
}

/** A whole number with a lower bound, inclusive. */
export function atLeast(min: number): Form<number> {
  const about = { type: "number", bounds: `from ${min}`, schema: { type: "integer", minimum: min } };
  return form(about, `a whole number from ${min}`, (given) =>
    typeof given === "number" && Number.isSafeInteger(given) && given >= min ? given : undefined,
  );
}

/**
 * A length of time in milliseconds; the bounds are inclusive. Between 0 and a millisecond there is none: an interval of
 * nanoseconds would be a loop.
 */
export function duration(minMs: number, maxMs: number): Form<Duration, number> {
  const least = minMs === 0 ? "0, or 1ms" : formatDuration(minMs);
  const bounds = `${least} to ${formatDuration(maxMs)}`;
  const allowed = `a duration from ${bounds}: ${DURATION_FORM}`;
  const about = { type: "duration", bounds, schema: DURATION_SCHEMA };
  const check = between(minMs, maxMs);
  const read = (given: unknown): number | undefined => {
    const ms = check(given);
    return ms !== undefined && ms > 0 && ms < 1 ? undefined : ms;
  };
  return { ...form(about, allowed, read), show: formatDuration };
}

/** A length of time in milliseconds for a call's timer, at most what Node's timers take (24 days). */
export function timer(minMs = 0): Form<Duration, number> {
  const bounds = `${minMs} to ${TIMER_MS_MAX} ms`;
  const allowed = `a duration from ${bounds}: ${DURATION_FORM}`;
  return form({ type: "duration", bounds, schema: DURATION_SCHEMA }, allowed, between(minMs, TIMER_MS_MAX));
}

/** Well-formed text without control characters; the bounds are bytes in UTF-8. */
export function text(bytesMin: number, bytesMax: number): Form<string> {
  const range = `${bytesMin} to ${bytesMax} bytes`;
  const bounds = `${bytesMin === 0 ? `up to ${bytesMax} bytes` : range}, no control characters`;
  const about = { type: "text", bounds, schema: { ...TEXT, minLength: Math.min(1, bytesMin), maxLength: bytesMax } };
  return form(about, `well-formed text of ${range} without control characters`, (given) => {
    if (typeof given !== "string" || hasUnwantedCharacters(given)) return undefined;
    const bytes = Buffer.byteLength(given);
    return bytes >= bytesMin && bytes <= bytesMax ? given : undefined;
  });
}

/** Any text. */
export const word: Form<string> = form({ type: "text", bounds: "any", schema: TEXT }, "text", (given) =>
  typeof given === "string" ? given : undefined,
);

/** Any text that isn't empty. `allowed` describes it. */
export function words(type: string, bounds: string, allowed: string): Form<string> {
  const about = { type, bounds, schema: { ...TEXT, minLength: 1 } };
  return form(about, allowed, (given) => (typeof given === "string" && given !== "" ? given : undefined));
}

/** A file system path. An undefined path must not silently become "no file". */
export function path(bounds: string, allowed: string): Form<string> {
  return { ...words("path", bounds, allowed), readsUndefined: true };
}

/** A list with at least one element; an element's fault has its index. `allowed` describes the list. */
export function list<Given, Value>(
  item: Form<Given, Value>,
  about: { readonly type: string; readonly bounds: string },
  allowed: string,
): Form<readonly Given[], readonly Value[]> {
  return {
    ...about,
    schema: { type: "array", items: item.schema ?? {}, minItems: 1 },
    read: (given, key, faults) => {
      if (Array.isArray(given) && given.length > 0) return items(item, given, key, faults);
      faults.push({ key, value: given, allowed });
      return undefined;
    },
  };
}

/** One value, or a list of any number of them. */
export function oneOrMore<Given, Value>(
  item: Form<Given, Value>,
  about: { readonly type: string; readonly bounds: string },
): Form<Given | readonly Given[], readonly Value[]> {
  return {
    ...about,
    schema: { anyOf: [{ type: "array", items: item.schema ?? {} }, item.schema ?? {}] },
    read: (given, key, faults) => {
      if (Array.isArray(given)) return items(item, given, key, faults);
      const value = item.read(given, key, faults);
      return value === undefined ? undefined : [value];
    },
  };
}

/** An object or class with these methods. */
export function methods<Given>(bounds: string, ...names: readonly [string, string, ...string[]]): Form<Given> {
  const isSuch = (given: unknown): given is Given =>
    (isRecord(given) || typeof given === "function") &&
    names.every((name) => typeof Reflect.get(given, name) === "function");
  const allowed = `an object with the methods ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return form({ type: "object", bounds }, allowed, (given) => (isSuch(given) ? given : undefined));
}

/** An object whose values are texts. */
export const texts: Form<Readonly<Record<string, string>>> = form(
  { type: "names and texts", bounds: "any", schema: TEXTS },
  "an object of texts",
  (given) => (isTexts(given) ? given : undefined),
);

/** A signal that aborts a call. */
export const abortSignal: Form<AbortSignal> = form(
  { type: "object", bounds: "an AbortSignal" },
  "an AbortSignal",
  (given) => (isSignal(given) ? given : undefined),
);

function numeric(
  type: "integer" | "number",
  kind: string,
  min: number,
  max: number,
  unit: string | undefined,
  isSound: (value: number) => boolean,
): Form<number> {
  const schema = { type, minimum: min, maximum: max };
  const about = { type: "number", bounds: `${min} to ${max}`, schema, ...(unit === undefined ? {} : { unit }) };
  return form(about, `${kind} from ${min} to ${max}`, (given) =>
    typeof given === "number" && isSound(given) && given >= min && given <= max ? given : undefined,
  );
}

function between(minMs: number, maxMs: number): (given: unknown) => number | undefined {
  return (given) => {
    const ms = parseDuration(given);
    return ms !== null && ms >= minMs && ms <= maxMs ? ms : undefined;
  };
}

/** Control characters, and lone surrogates: UTF-8 can't encode those, so the others would get another text. */
function hasUnwantedCharacters(value: string): boolean {
  return /[\p{Cc}\p{Cs}]/u.test(value);
}

/** Undefined if an element is wrong. By index, since a hole in a list is a missing element. */
function items<Value>(
  item: Check<Value>,
  given: readonly unknown[],
  key: string,
  faults: OptionFault[],
): readonly Value[] | undefined {
  const values: Value[] = [];
  for (let index = 0; index < given.length; index++) {
    const value = item.read(given[index], `${key}[${index}]`, faults);
    if (value !== undefined) values.push(value);
  }
  return values.length === given.length ? values : undefined;
}

function isTexts(given: unknown): given is Readonly<Record<string, string>> {
  return isRecord(given) && Object.values(given).every((value) => typeof value === "string");
}

/** By its shape, not by its class: a process may have several such classes. */
function isSignal(given: unknown): given is AbortSignal {
  return isRecord(given) && typeof given["aborted"] === "boolean" && typeof given["addEventListener"] === "function";
}
