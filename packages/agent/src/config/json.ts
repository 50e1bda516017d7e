import { messageOf } from "../base/message-of.ts";
import { ConfigError } from "./config-error.ts";

/** Parses the JSON object of a file. @throws ConfigError */
export function parseJsonObject(text: string, path: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch (error) {
    throw new ConfigError(`${path}: ${messageOf(error)}`);
  }
  throw new ConfigError(`${path} must be a JSON object`);
}

/** The object's texts by their names. @throws ConfigError if a value is no text */
export function textsIn(value: object, where: string): Record<string, string> {
  const entries = Object.entries(value);
  const areTexts = entries.every(([, one]) => typeof one === "string");
  expectValue(areTexts, value, `${where} is an object of texts`);
  return Object.fromEntries(entries);
}

/** Returns the value if it is sound. @throws ConfigError that says what it should be */
export function expectValue<T>(isSound: boolean, value: T, what: string): T {
  if (isSound) return value;
  throw new ConfigError(`${what}; it can't be ${JSON.stringify(value)}`);
}
