import { escapeControls } from "hearsay";
import { adviceOn } from "./advice.ts";
import { type Configuration, effectiveValue } from "./configuration.ts";
import { VALUE_KEYS } from "./schema/keys.ts";
import type { ConfigFault } from "./sources/given.ts";
import { type Origin, originText } from "./sources/origin.ts";

/** Longer settings push their origin to the right. */
const WIDTH_MAX = 60;

/** A fault as a line: place, key, value, and what is wrong. */
export function faultLine({ origin, value, problem }: ConfigFault): string {
  return escapeControls(`${originText(origin)}: ${value === null ? "" : `${value} `}${problem}`);
}

/** The text of a check: every fault and all advice, a line each, and the sum. */
export function checkText(configuration: Configuration): string {
  const { faults, profile } = configuration;
  const lines = faults.map(faultLine);
  // Advice on values that are wrong would mislead.
  if (faults.length === 0) lines.push(...adviceOn(configuration).map((line) => `advice: ${line}`));
  lines.push(`profile ${profile.name}, ${profile.why}; ${faults.length === 1 ? "1 fault" : `${faults.length} faults`}`);
  return lines.map((line) => `${line}\n`).join("");
}

/** Every key that has a value, with its text and origin: a key with parts only where it was given as a whole. */
export function effectiveRows(
  configuration: Configuration,
): { readonly key: string; readonly text: string; readonly origin: Origin }[] {
  const { values } = configuration;
  const isGivenWhole = (path: string): boolean => values.has(path.split(".").slice(0, -1).join("."));
  return VALUE_KEYS.filter(({ path, parts }) => (parts === null ? !isGivenWhole(path) : values.has(path))).map(
    ({ path }) => ({ key: path, ...effectiveValue(path, configuration) }),
  );
}

/** Every key with its value and origin, a line each. Secrets are hidden. */
export function effectiveLines(configuration: Configuration): string {
  const rows = effectiveRows(configuration).map(({ key, text, origin }) => {
    return { setting: escapeControls(`${key}: ${text}`), origin: originText(origin) };
  });
  const width = Math.min(WIDTH_MAX, Math.max(...rows.map(({ setting }) => setting.length)));
  return rows.map(({ setting, origin }) => `${setting.padEnd(width)}  # ${origin}\n`).join("");
}
