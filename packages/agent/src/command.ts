import { Agent } from "./agent.ts";
import { type AgentConfig, mergeConfig } from "./config/agent-config.ts";
import { ConfigError, readConfigPaths, readFlags } from "./config/read-config.ts";
import { SETTINGS } from "./config/setting-table.ts";
import { LogRing } from "./log/log-ring.ts";

/** A graceful leave that takes longer is abandoned (docs/protocol/serf.md, section 20.2). */
const LEAVE_LIMIT_MS = 3000;

/** Runs an agent until it ends. Returns the exit code: 0 after a leave, else 1. */
export async function runAgent(args: readonly string[]): Promise<number> {
  try {
    const { paths, layer, wantsHelp } = readFlags(args);
    if (wantsHelp) {
      process.stdout.write(helpText());
      return 0;
    }
    const read = (): AgentConfig => mergeConfig([...readConfigPaths(paths), layer]);
    return await run(read);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof Error) process.stderr.write(`==> ${error.message}\n`);
    return 1;
  }
}

async function run(read: () => AgentConfig): Promise<number> {
  const config = read();
  const log = new LogRing();
  const print = (line: string): void => void process.stdout.write(`    ${line}\n`);
  let stopPrinting = (): void => {};
  process.stdout.write("==> Starting Hearsay agent...\n");
  const agent = await Agent.start(config, log).catch((error: unknown) => {
    log.follow(config.logLevel, print)();
    throw error;
  });
  const onReload = (): void => {
    try {
      const next = read();
      stopPrinting();
      stopPrinting = followFromNow(log, next, print);
      void agent.reload(next).catch((error: unknown) => log.write("ERR", `agent: Failed to reload: ${String(error)}`));
    } catch (error) {
      log.write("ERR", `agent: Failed to reload configs: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  process.on("SIGHUP", onReload);
  const leftInTime = leaveOnSignals(agent, config);
  // Whoever reads this may send signals.
  process.stdout.write(banner(agent, config));
  stopPrinting = log.follow(config.logLevel, print);
  const { state } = await agent.ended;
  process.removeListener("SIGHUP", onReload);
  stopPrinting();
  // A leave that was asked for over RPC is graceful too.
  return state === "closed" && leftInTime() && !agent.hasGivenUp ? 0 : 1;
}

/** Without the lines that were printed already. */
function followFromNow(log: LogRing, { logLevel }: AgentConfig, print: (line: string) => void): () => void {
  let isOld = true;
  const stop = log.follow(logLevel, (line) => {
    if (!isOld) print(line);
  });
  isOld = false;
  return stop;
}

/** Leaves or ends on signals. What it returns tells whether the agent has ended gracefully, or without a signal at all. */
function leaveOnSignals(agent: Agent, config: AgentConfig): () => boolean {
  let isGraceful = true;
  let isEnding = false;
  const abandon = (): void => {
    isGraceful = false;
    void agent.shutdown();
  };
  const on = (signal: NodeJS.Signals, leaves: boolean): void => {
    const handle = (): void => {
      agent.log.write("INFO", `agent: Caught signal: ${signal}`);
      if (isEnding || !leaves) return abandon();
      isEnding = true;
      const limit = setTimeout(abandon, LEAVE_LIMIT_MS);
      void agent.leave().then(() => clearTimeout(limit));
    };
    process.on(signal, handle);
    void agent.ended.then(() => process.removeListener(signal, handle));
  };
  on("SIGINT", !config.skipLeaveOnInterrupt);
  on("SIGTERM", config.leaveOnTerminate);
  return () => isGraceful;
}

function banner(agent: Agent, config: AgentConfig): string {
  const { host, port } = agent.rpcAddress;
  return `==> Hearsay agent running!
         Node name: '${agent.cluster.name}'
         Bind addr: '${agent.cluster.address}'
          RPC addr: '${host}:${port}'
         Encrypted: ${agent.cluster.keys.local.isEnabled}
          Snapshot: ${config.snapshotPath !== null}
           Profile: ${config.profile}

==> Log data will now stream in as it occurs:

`;
}

function helpText(): string {
  const flags = SETTINGS.filter(({ flag }) => flag !== null).map(({ flag, form }) => {
    return `  -${flag}${form === "boolean" ? "" : `=<${form}>`}`;
  });
  return `Usage: hearsay-agent [options]

Runs a Hearsay node that the serf command and Serf's client libraries drive.

  -config-file=<path>, -config-dir=<path>
${flags.join("\n")}
`;
}
