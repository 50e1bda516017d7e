import { statSync } from "node:fs";
import { runAgentProcess } from "../agent-process.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { ConfigError } from "../config/config-error.ts";
import { loadConfiguration } from "../config/load.ts";
import { settingsOf } from "../config/settings.ts";
import type { Environment } from "../config/sources/environment.ts";
import { FLAGS, type FlagSource, readFlags } from "../config/sources/flags.ts";

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
    // The start takes what has been read: a pipe has nothing more.
    let isStarted = false;
    return () => {
      if (isStarted) return reloaded(flags, environment);
      isStarted = true;
      return settingsOf(configuration);
    };
  });
}

/** The settings after a reload. @throws ConfigError also for what can't be reloaded at all */
function reloaded(flags: FlagSource, environment: Environment): AgentSettings {
  for (const path of flags.files) {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
      throw new ConfigError(`${path} is no regular file, so it can't be read again`);
    }
  }
  const configuration = loadConfiguration(flags, environment);
  const settings = settingsOf(configuration);
  if (configuration.own.enabled) return settings;
  throw new ConfigError("gossip is switched off (enabled: false), which takes effect at the next start");
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
