import { DURATION_FORM, formatDuration, parseDuration } from "../base/durations.ts";
import type { OptionFault } from "../base/errors.ts";
import { nearestName } from "./nearest.ts";
import { OPTIONS, optionRow } from "./table.ts";

/** Stands in a fault for a value that may hold a key. */
export const HIDDEN = "(hidden)";

/** Reads options one by one by the rules of the table, and collects what is wrong instead of stopping there. */
export class OptionReader {
  readonly faults: OptionFault[] = [];
  readonly #input: Readonly<Record<string, unknown>>;

  constructor(input: unknown) {
    if (isRecord(input)) this.#input = input;
    else {
      this.#input = {};
      this.fault("options", input === undefined || input === null ? input : HIDDEN, "an object");
    }
    this.#refuseUnknown("", this.#input);
  }

  fault(key: string, value: unknown, allowed: string): void {
    this.faults.push({ key, value, allowed });
  }

  /** The value under a name of the table; undefined if it isn't given. */
  value(name: string): unknown {
    const [first = "", second] = name.split(".");
    const value = own(this.#input, first);
    if (second === undefined) return value;
    return isRecord(value) ? own(value, second) : undefined;
  }

  /** Whether an option is there at all, be it as undefined. */
  has(name: string): boolean {
    const [first = "", second] = name.split(".");
    if (second === undefined) return Object.hasOwn(this.#input, first);
    const group = own(this.#input, first);
    return isRecord(group) && Object.hasOwn(group, second);
  }

  /** Checks that an option with parts is an object that has no other parts; undefined passes. */
  group(name: string): void {
    const value = this.value(name);
    if (isRecord(value)) this.#refuseUnknown(`${name}.`, value);
    else if (value !== undefined) this.fault(name, value, "an object");
  }

  boolean(name: string): boolean {
    const { check } = optionRow(name);
    const fallback = check.kind === "boolean" && check.fallback;
    const value = this.value(name);
    if (value === undefined || typeof value === "boolean") return value ?? fallback;
    this.fault(name, value, "true or false");
    return fallback;
  }

  integer(name: string): number {
    const { check } = optionRow(name);
    if (check.kind !== "integer") throw new Error(`${name} is no integer`);
    const value = this.value(name);
    if (value === undefined) return check.fallback;
    if (typeof value === "number" && Number.isInteger(value) && value >= check.min && value <= check.max) return value;
    this.fault(name, value, `a whole number from ${check.min} to ${check.max}`);
    return check.fallback;
  }

  /** Milliseconds. */
  duration(name: string): number {
    const { check } = optionRow(name);
    if (check.kind !== "duration") throw new Error(`${name} is no duration`);
    const value = this.value(name);
    if (value === undefined) return check.fallbackMs;
    const ms = parseDuration(value);
    if (ms !== null && ms >= check.minMs && ms <= check.maxMs) return ms;
    const range = `${formatDuration(check.minMs)} to ${formatDuration(check.maxMs)}`;
    this.fault(name, value, `a duration from ${range}: ${DURATION_FORM}`);
    return check.fallbackMs;
  }

  /** `choices` are those of the table, given again for their types. */
  choice<Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const value = this.value(name);
    const { check } = optionRow(name);
    const fallback = check.kind === "choice" ? check.fallback : "";
    const chosen = choices.find((choice) => choice === (value === undefined ? fallback : value));
    if (chosen !== undefined) return chosen;
    this.fault(name, value, `one of ${choices.map((choice) => `"${choice}"`).join(", ")}`);
    return choices[0];
  }

  /** Text of so many bytes in UTF-8, well-formed and without control characters; null if it isn't given or wrong. */
  text(name: string, bytesMin: number, bytesMax: number): string | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (typeof value === "string" && !hasUnwantedCharacters(value)) {
      const bytes = Buffer.byteLength(value);
      if (bytes >= bytesMin && bytes <= bytesMax) return value;
    }
    this.fault(name, value, `well-formed text of ${bytesMin} to ${bytesMax} bytes without control characters`);
    return null;
  }

  #refuseUnknown(prefix: string, given: Readonly<Record<string, unknown>>): void {
    const known = OPTIONS.filter(({ name }) => name.startsWith(prefix))
      .map(({ name }) => name.slice(prefix.length))
      .filter((name) => !name.includes("."));
    for (const key of Object.keys(given)) {
      if (known.includes(key)) continue;
      const nearest = nearestName(key, known);
      const hint = nearest === null ? `known are ${known.join(", ")}` : `did you mean ${prefix}${nearest}?`;
      // The value isn't shown: it could be a key under a mistyped name.
      this.fault(`${prefix}${key}`, HIDDEN, `nothing, as there is no such option; ${hint}`);
    }
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** Own properties only, lest something be read from a prototype that was tampered with. */
function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Control characters, and halves of surrogate pairs, which UTF-8 can't carry: the others would get another text. */
function hasUnwantedCharacters(text: string): boolean {
  return /[\p{Cc}\p{Cs}]/u.test(text);
}
