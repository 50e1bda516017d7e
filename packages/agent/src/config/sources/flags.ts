import { type ConfigKey, joinedTexts, VALUE_KEYS, valueOfText } from "../schema/keys.ts";
import { SETTINGS } from "../serf/setting-table.ts";
import { addValue } from "../spellings/own.ts";
import { type Source, SourceReader } from "./given.ts";
import { meantName } from "./meant.ts";
import { flagCase } from "./names.ts";

/** Flags of the command itself. */
const CONFIG = "config";
const HELP = "help";

const KEYS = new Map(
  VALUE_KEYS.filter(({ row }) => row.form.isSecret !== true).map((key) => [flagCase(key.path), key]),
);
const SECRETS = new Set(VALUE_KEYS.filter(({ row }) => row.form.isSecret === true).map(({ path }) => flagCase(path)));

/** Every flag that sets a key, with the key. */
export const FLAGS: ReadonlyMap<string, ConfigKey> = KEYS;

/** What a command line says. */
export interface FlagSource extends Source {
  /** Files of configuration, in order. */
  readonly files: readonly string[];
  readonly wantsHelp: boolean;
}

/**
 * Reads `--name value` and `--name=value`; a flag of true or false may stand alone. Flags of lists may be repeated. Where
 * the command `takesFiles`, an argument that is no flag is a file of configuration, too.
 */
export function readFlags(
  args: readonly string[],
  { takesFiles = false }: { readonly takesFiles?: boolean } = {},
): FlagSource {
  const source = new SourceReader();
  const lists = new Map<string, string[]>();
  const files: string[] = [];
  let wantsHelp = false;
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? "";
    const [, name, attached] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (argument === "-h" || name === HELP) {
      wantsHelp = true;
      continue;
    }
    // Without what is attached to it, which may be a key.
    const shownName = name === undefined ? argument.replace(/^(-[^=]*)=.*/s, "$1") : `--${name}`;
    const origin = { kind: "flag", name: shownName } as const;
    if (takesFiles && !argument.startsWith("-")) {
      files.push(argument);
      continue;
    }
    if (name === undefined) {
      source.refuse(origin, null, strayProblem(argument));
      if (takesValue(argument) && args[i + 1]?.startsWith("-") === false) i++;
      continue;
    }
    const key = KEYS.get(name);
    if (key === undefined && name !== CONFIG) {
      source.refuse(origin, null, unknownProblem(name));
      // Its value, if it has one, is no argument of its own.
      if (attached === undefined && args[i + 1]?.startsWith("-") === false) i++;
      continue;
    }
    const isSwitch = key?.row.form.type === "boolean";
    const stands = isSwitch && !/^(true|false)$/.test(args[i + 1] ?? "");
    const text = attached ?? (stands ? "true" : args[++i]);
    if (text === undefined) source.refuse(origin, null, "needs a value");
    else if (key === undefined) files.push(text);
    else if (isList(key)) lists.set(name, [...(lists.get(name) ?? []), text]);
    else addValue(source, key, valueOfText(text, key), origin);
  }
  for (const [name, texts] of lists) {
    const key = KEYS.get(name);
    if (key !== undefined)
      addValue(source, key, valueOfText(joinedTexts(texts, key), key), { kind: "flag", name: `--${name}` });
  }
  return { given: source.given, faults: source.faults, files, wantsHelp };
}

/** Whether several values of it are one list, or one set of tags. */
function isList({ row }: ConfigKey): boolean {
  return typeof valueOfText("a=b", { path: "", row, parts: null, isWhole: true }) === "object";
}

/** Whether it is a flag of Serf's agent whose value is the next argument. */
function takesValue(argument: string): boolean {
  return SETTINGS.some(({ flag, form }) => argument === `-${flag}` && form !== "boolean");
}

function strayProblem(argument: string): string {
  const [, name = ""] = /^-([^-=]+)/.exec(argument) ?? [];
  if (SETTINGS.some(({ flag }) => flag === name)) {
    return `is a flag of Serf's agent, which hearsay-agent takes; flags here begin with --, see hearsay agent --help`;
  }
  return argument.startsWith("-") ? "is no flag; flags begin with --" : "is no flag, and the agent takes nothing else";
}

function unknownProblem(name: string): string {
  if (SECRETS.has(name))
    return "is no flag, since every process of this machine can read it; use a file or the environment";
  const nearest = meantName(name, { prefix: "", siblings: [...KEYS.keys(), CONFIG], all: [...KEYS.keys()] });
  return `is no flag${nearest === null ? "; see hearsay agent --help" : `; did you mean --${nearest}?`}`;
}
