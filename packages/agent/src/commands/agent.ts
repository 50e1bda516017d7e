import { runAgentProcess } from "../agent-process.ts";
import { loadConfiguration } from "../config/load.ts";
import { settingsOf } from "../config/settings.ts";
import { FLAGS, readFlags } from "../config/sources/flags.ts";
import type { Environment } from "./config.ts";

/** The command `hearsay agent`. Returns the exit code. */
export function runAgent(args: readonly string[], environment: Environment): Promise<number> {
  return runAgentProcess((print) => {
    const flags = readFlags(args);
    if (flags.wantsHelp) {
      print(helpText());
      return null;
    }
    const configuration = loadConfiguration(flags, environment);
    if (configuration.faults.length === 0 && !configuration.own.enabled) {
      print("==> Gossip is switched off (enabled: false): nothing to run");
      return null;
    }
    return () => settingsOf(loadConfiguration(flags, environment));
  });
}

function helpText(): string {
  const flags = [...FLAGS].map(([name, { row }]) => {
    return `  --${name}${row.form.type === "boolean" ? "" : ` <${row.form.type}>`}`;
  });
  return `Usage: hearsay agent [--config <file>]... [options]

Runs a node of a cluster as a process. Settings come from flags, the environment
(HEARSAY_...), files, the profile and defaults, in this order.

  --config <file>  YAML or JSON; may be repeated
  --help
${flags.join("\n")}`;
}
