import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseDuration } from "hearsay";
import { messageOf } from "../base/message-of.ts";
import { logLevel } from "../log/log-ring.ts";
import type { ConfigLayer } from "./agent-config.ts";
import { REFUSED, SERF_PROTOCOL, SETTINGS, type Setting } from "./setting-table.ts";

/** A configuration that can't be used. The message says why. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The contents of a command line. */
export interface CommandLine {
  readonly layer: ConfigLayer;
  /** Files and folders of configuration, in order. */
  readonly paths: readonly string[];
  readonly wantsHelp: boolean;
}

/** Reads flags as Go programs do: `-name value`, `-name=value`, and with two dashes. @throws ConfigError */
export function readFlags(args: readonly string[]): CommandLine {
  const layer: Record<string, unknown> = {};
  const paths: string[] = [];
  let wantsHelp = false;
  for (let i = 0; i < args.length; i++) {
    const [, name = "", given] = /^--?([^=]+)(?:=(.*))?$/s.exec(args[i] ?? "") ?? [];
    if (name === "h" || name === "help") {
      wantsHelp = true;
      continue;
    }
    const setting = SETTINGS.find(({ flag }) => flag === name);
    const isSwitch = setting?.form === "boolean";
    if (setting === undefined && !["config-file", "config-dir", "role"].includes(name)) {
      throw new ConfigError(name === "" ? `unexpected argument: ${args[i]}` : flagProblem(name));
    }
    const value = given ?? (isSwitch ? "true" : args[++i]);
    if (value === undefined) throw new ConfigError(`flag needs a value: -${name}`);
    if (setting === undefined) {
      if (name === "role") layer["tags"] = { ...(layer["tags"] as object), role: value };
      else paths.push(value);
    } else {
      layer[setting.field] = flagValue(setting, value, layer[setting.field]);
    }
  }
  return { layer: layer as ConfigLayer, paths, wantsHelp };
}

/** Reads the layers of files, and of all `.json` files of folders in the order of their names. @throws ConfigError */
export function readConfigPaths(paths: readonly string[]): ConfigLayer[] {
  return paths.flatMap((path) => filesOf(path)).map((path) => readConfigText(readText(path), path));
}

/** Reads one file's layer. @throws ConfigError */
export function readConfigText(text: string, path: string): ConfigLayer {
  const parsed = parseJson(text, path);
  const layer: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parsed)) {
    if (key === "role") {
      layer["tags"] = { ...(layer["tags"] as object), role: expect(typeof value === "string", value, `${path}: role`) };
      continue;
    }
    // An unsupported setting may be present if it is switched off.
    if ((value === false || value === "") && REFUSED.some(({ keys }) => keys.includes(key))) continue;
    const setting = SETTINGS.find((one) => one.key === key);
    if (setting === undefined) throw new ConfigError(`${path}: ${keyProblem(key)}`);
    const read = jsonValue(setting, value, `${path}: ${key}`);
    layer[setting.field] = setting.form === "tags" ? { ...(layer["tags"] as object), ...(read as object) } : read;
  }
  return layer as ConfigLayer;
}

/** Reads the text of a tags file: a JSON object of texts. @throws ConfigError */
export function readTagsText(text: string, path: string): Record<string, string> {
  return texts(parseJson(text, path), path);
}

function flagProblem(name: string): string {
  const reason = REFUSED.find(({ flags }) => flags.includes(name))?.reason;
  return reason === undefined ? `unknown flag: -${name}` : `-${name} is not supported: ${reason}`;
}

function keyProblem(key: string): string {
  const reason = REFUSED.find(({ keys }) => keys.includes(key))?.reason;
  const name = JSON.stringify(key);
  return reason === undefined ? `there is no setting ${name}` : `the setting ${name} is not supported: ${reason}`;
}

function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => name.endsWith(".json"));
    return names.sort().map((name) => join(path, name));
  } catch (error) {
    throw new ConfigError(`${path} can't be read: ${messageOf(error)}`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${path} can't be read: ${messageOf(error)}`);
  }
}

function parseJson(text: string, path: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch (error) {
    throw new ConfigError(`${path}: ${messageOf(error)}`);
  }
  throw new ConfigError(`${path} must be a JSON object`);
}

/** Flags of lists and tags may be repeated. */
function flagValue(setting: Setting, value: string, before: unknown): unknown {
  const where = `-${setting.flag}`;
  switch (setting.form) {
    case "list":
      return [...((before as string[] | undefined) ?? []), value];
    case "tags": {
      const at = value.indexOf("=");
      if (at <= 0) throw new ConfigError(`${where}: a tag is key=value, not ${JSON.stringify(value)}`);
      return { ...(before as object), [value.slice(0, at)]: value.slice(at + 1) };
    }
    case "boolean": {
      const isTrue = expect(["true", "1", "t"].includes(value) || ["false", "0", "f"].includes(value), value, where);
      return ["true", "1", "t"].includes(isTrue) !== (setting.isNegated ?? false);
    }
    case "number":
      return scalar(setting, Number(value), where);
    default:
      return scalar(setting, value, where);
  }
}

function jsonValue(setting: Setting, value: unknown, where: string): unknown {
  switch (setting.form) {
    case "list": {
      const isList = Array.isArray(value) && value.every((one) => typeof one === "string");
      return expect(isList, value, `${where} is a list of texts`);
    }
    case "tags":
      return texts(expect(typeof value === "object" && value !== null, value, where) as object, where);
    case "boolean":
      return expect(typeof value === "boolean", value, `${where} is true or false`);
    default:
      return scalar(setting, value, where);
  }
}

function scalar({ form, min = 0, max = Number.POSITIVE_INFINITY }: Setting, value: unknown, where: string): unknown {
  switch (form) {
    case "number":
      return expect(Number.isInteger(value) && Number(value) >= min, value, `${where} is a number from ${min} on`);
    case "duration": {
      const ms = typeof value === "string" ? parseDuration(value) : null;
      const isPossible = ms !== null && ms >= min && ms <= max;
      const range = max === Number.POSITIVE_INFINITY ? `from ${min} ms on` : `from ${min} ms to ${max} ms`;
      expect(isPossible, value, `${where} is a duration such as "30s", ${range}`);
      return ms;
    }
    case "protocol": {
      const isSpoken = String(value) === String(SERF_PROTOCOL);
      expect(isSpoken, value, `${where} is ${SERF_PROTOCOL}, the version of Serf's protocol that this agent speaks`);
      return SERF_PROTOCOL;
    }
    case "level": {
      const level = typeof value === "string" ? logLevel(value) : null;
      expect(level !== null, value, `${where} is TRACE, DEBUG, INFO, WARN or ERR`);
      return level;
    }
    case "profile":
      return expect(["lan", "wan", "local"].includes(String(value)), value, `${where} is lan, wan or local`);
    default:
      return expect(typeof value === "string", value, `${where} is a text`);
  }
}

function texts(value: object, where: string): Record<string, string> {
  const entries = Object.entries(value);
  expect(
    entries.every(([, one]) => typeof one === "string"),
    value,
    `${where} is an object of texts`,
  );
  return Object.fromEntries(entries);
}

function expect<T>(isSound: boolean, value: T, what: string): T {
  if (isSound) return value;
  throw new ConfigError(`${what}; it can't be ${JSON.stringify(value)}`);
}
