import { adviceOn } from "./advice.ts";
import { type Configuration, effectiveValue } from "./configuration.ts";
import { VALUE_KEYS } from "./schema/keys.ts";
import type { ConfigFault } from "./sources/given.ts";
import { originText } from "./sources/origin.ts";

/** Longer settings push their origin to the right. */
const WIDTH_MAX = 60;

/** A fault as a line: place, key, value, and what is wrong. */
export function faultLine({ origin, value, problem }: ConfigFault): string {
  return `${originText(origin)}: ${value === null ? "" : `${value} `}${problem}`;
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

/** Every key with its value and origin, a line each. Secrets are hidden. */
export function effectiveLines(configuration: Configuration): string {
  const rows = VALUE_KEYS.filter(({ parts }) => parts === null).map(({ path }) => {
    const { text, origin } = effectiveValue(path, configuration);
    return { setting: `${path}: ${text}`, origin: originText(origin) };
  });
  const width = Math.min(WIDTH_MAX, Math.max(...rows.map(({ setting }) => setting.length)));
  return rows.map(({ setting, origin }) => `${setting.padEnd(width)}  # ${origin}\n`).join("");
}
