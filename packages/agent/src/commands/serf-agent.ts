import { runAgentProcess } from "../agent-process.ts";
import { readConfigPaths, readFlags } from "../config/serf/read-config.ts";
import { SETTINGS } from "../config/serf/setting-table.ts";
import { serfSettings } from "../config/serf/settings.ts";

/** The command `hearsay-agent`, with the flags and files of Serf's agent. Returns the exit code. */
export function runSerfAgent(args: readonly string[]): Promise<number> {
  return runAgentProcess((print) => {
    const { paths, layer, wantsHelp } = readFlags(args);
    if (!wantsHelp) return () => serfSettings(...readConfigPaths(paths), layer);
    print(helpText());
    return null;
  });
}

function helpText(): string {
  const flags = SETTINGS.filter(({ flag }) => flag !== null).map(({ flag, form }) => {
    return `  -${flag}${form === "boolean" ? "" : `=<${form}>`}`;
  });
  return `Usage: hearsay-agent [options]

Runs a Hearsay node that the serf command and Serf's client libraries drive.

  -config-file=<path>, -config-dir=<path>
${flags.join("\n")}`;
}
