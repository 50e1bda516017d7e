import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseDuration } from "hearsay";
import { messageOf } from "../../base/message-of.ts";
import { logLevel } from "../../log/log-ring.ts";
import { ConfigError } from "../config-error.ts";
import { expectValue, parseJsonObject, textsIn } from "../json.ts";
import type { SerfConfigLayer } from "./serf-config.ts";
import { REFUSED, SERF_PROTOCOL, SETTINGS, type Setting } from "./setting-table.ts";

/** The contents of a command line. */
export interface CommandLine {
  readonly layer: SerfConfigLayer;
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
  return { layer: layer as SerfConfigLayer, paths, wantsHelp };
}

/** Reads the layers of files, and of all `.json` files of folders in the order of their names. @throws ConfigError */
export function readConfigPaths(paths: readonly string[]): SerfConfigLayer[] {
  return paths.flatMap((path) => filesOf(path)).map((path) => readConfigText(readText(path), path));
}

/** Reads one file's layer. @throws ConfigError */
export function readConfigText(text: string, path: string): SerfConfigLayer {
  const parsed = parseJsonObject(text, path);
  const layer: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parsed)) {
    if (key === "role") {
      layer["tags"] = {
        ...(layer["tags"] as object),
        role: expectValue(typeof value === "string", value, `${path}: role`),
      };
      continue;
    }
    // An unsupported setting may be present if it is switched off.
    if ((value === false || value === "") && REFUSED.some(({ keys }) => keys.includes(key))) continue;
    const setting = SETTINGS.find((one) => one.key === key);
    if (setting === undefined) throw new ConfigError(`${path}: ${keyProblem(key)}`);
    const read = jsonValue(setting, value, `${path}: ${key}`);
    layer[setting.field] = setting.form === "tags" ? { ...(layer["tags"] as object), ...(read as object) } : read;
  }
  return layer as SerfConfigLayer;
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
      const isTrue = expectValue(
        ["true", "1", "t"].includes(value) || ["false", "0", "f"].includes(value),
        value,
        where,
      );
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
      return expectValue(isList, value, `${where} is a list of texts`);
    }
    case "tags":
      return textsIn(expectValue(typeof value === "object" && value !== null, value, where) as object, where);
    case "boolean":
      return expectValue(typeof value === "boolean", value, `${where} is true or false`);
    default:
      return scalar(setting, value, where);
  }
}

function scalar({ form, min = 0, max = Number.POSITIVE_INFINITY }: Setting, value: unknown, where: string): unknown {
  switch (form) {
    case "number":
      return expectValue(Number.isInteger(value) && Number(value) >= min, value, `${where} is a number from ${min} on`);
    case "duration": {
      const ms = typeof value === "string" ? parseDuration(value) : null;
      const isPossible = ms !== null && ms >= min && ms <= max;
      const range = max === Number.POSITIVE_INFINITY ? `from ${min} ms on` : `from ${min} ms to ${max} ms`;
      expectValue(isPossible, value, `${where} is a duration such as "30s", ${range}`);
      return ms;
    }
    case "protocol": {
      const isSpoken = String(value) === String(SERF_PROTOCOL);
      expectValue(
        isSpoken,
        value,
        `${where} is ${SERF_PROTOCOL}, the version of Serf's protocol that this agent speaks`,
      );
      return SERF_PROTOCOL;
    }
    case "level": {
      const level = typeof value === "string" ? logLevel(value) : null;
      expectValue(level !== null, value, `${where} is TRACE, DEBUG, INFO, WARN or ERR`);
      return level;
    }
    case "profile":
      return expectValue(["lan", "wan", "local"].includes(String(value)), value, `${where} is lan, wan or local`);
    default:
      return expectValue(typeof value === "string", value, `${where} is a text`);
  }
}
