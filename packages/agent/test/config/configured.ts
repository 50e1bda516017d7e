import { type Configuration, configure } from "../../dist/config/configuration.js";
import { faultLine } from "../../dist/config/report.js";
import { readEnvironment } from "../../dist/config/sources/environment.js";
import { readFlags } from "../../dist/config/sources/flags.js";
import { readYaml } from "../../dist/config/sources/yaml-file.js";

/** What a configuration is written in. Several documents are files a.yaml, b.yaml and so on. */
export interface Written {
  readonly files?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
}

/** Reads and checks a configuration. */
export function configured({ files = [], environment = {}, flags = [] }: Written): Configuration {
  return configure({
    files: files.map((text, i) => readYaml(text, `${String.fromCharCode(97 + i)}.yaml`)),
    environment: readEnvironment(environment),
    flags: readFlags(flags),
  });
}

/** The lines of all faults. */
export function faultsOf(written: Written | string): string[] {
  const { faults } = configured(typeof written === "string" ? { files: [written] } : written);
  return faults.map(faultLine);
}
