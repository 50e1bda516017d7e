import { type Configuration, configure } from "./configuration.ts";
import { type Environment, readEnvironment } from "./sources/environment.ts";
import type { FlagSource } from "./sources/flags.ts";
import { readConfigFile } from "./sources/read-file.ts";

/** Reads the files and the environment, and checks what they and the flags come to. */
export function loadConfiguration(
  flags: Pick<FlagSource, "given" | "faults" | "files">,
  environment: Environment,
): Configuration {
  return configure({ files: flags.files.map(readConfigFile), environment: readEnvironment(environment), flags });
}
