import { adviceOn } from "../config/advice.ts";
import type { Configuration } from "../config/configuration.ts";
import { type Converted, convertConfig } from "../config/convert.ts";
import { loadConfiguration } from "../config/load.ts";
import { checkText, effectiveLines, effectiveRows } from "../config/report.ts";
import { configSchema } from "../config/schema/json-schema.ts";
import type { Environment } from "../config/sources/environment.ts";
import { readFlags } from "../config/sources/flags.ts";
import { originText } from "../config/sources/origin.ts";
import { readConfigText } from "../config/sources/read-file.ts";

/** What a command says of a configuration. */
export interface ConfigReport {
  /** Lines for people, or one JSON document. */
  readonly text: string;
  /** Whether an agent would start with it. */
  readonly isSound: boolean;
}

/** The version of the JSON documents. It rises when a reader of an earlier one would misread them. */
const VERSION = 1;

/** `hearsay config check`: all faults of the files, the environment and the flags, or advice on what they come to. */
export function checkConfig(args: readonly string[], environment: Environment, isJson: boolean): ConfigReport {
  return checkReport(load(args, environment), isJson);
}

/** `hearsay config show`: every key with its value and origin; the faults in its place if there are any. */
export function showConfig(args: readonly string[], environment: Environment, isJson: boolean): ConfigReport {
  const configuration = load(args, environment);
  if (configuration.faults.length > 0) return checkReport(configuration, isJson);
  if (!isJson) return { text: effectiveLines(configuration), isSound: true };
  const values = effectiveRows(configuration).map(({ key, text, origin }) => {
    return { key, value: text, origin: originText(origin) };
  });
  return { text: document({ ...profileOf(configuration), values }), isSound: true };
}

/** `hearsay config convert`: a file of another program in Hearsay's names. @throws ConfigError */
export function convertFile(path: string): Converted {
  return convertConfig(readConfigText(path), path);
}

/** The JSON Schema of the agent's files, for editors. */
export function configSchemaText(): string {
  return `${JSON.stringify(configSchema(), null, 2)}\n`;
}

function checkReport(configuration: Configuration, isJson: boolean): ConfigReport {
  const isSound = configuration.faults.length === 0;
  if (!isJson) return { text: checkText(configuration), isSound };
  const faults = configuration.faults.map(({ origin, value, problem }) => ({ origin, value, problem }));
  const advice = isSound ? adviceOn(configuration) : [];
  return { text: document({ ...profileOf(configuration), faults, advice }), isSound };
}

function load(args: readonly string[], environment: Environment): Configuration {
  return loadConfiguration(readFlags(args, { takesFiles: true }), environment);
}

function profileOf({ profile }: Configuration): object {
  return { profile: { name: profile.name, why: profile.why } };
}

function document(content: object): string {
  return `${JSON.stringify({ version: VERSION, ...content }, null, 2)}\n`;
}
