import { escapeControls } from "hearsay";
import { Agent } from "./agent.ts";
import { messageOf } from "./base/message-of.ts";
import { type AgentConfig, mergeConfig } from "./config/agent-config.ts";
import { readConfigPaths, readFlags } from "./config/read-config.ts";
import { SETTINGS } from "./config/setting-table.ts";
import { DRAIN_MS } from "./ending.ts";
import { LineWriter } from "./log/line-writer.ts";
import { LogRing } from "./log/log-ring.ts";
import { ProcessSignals } from "./process-signals.ts";

/**
 * Runs an agent until it ends. Returns the exit code: 0 after a leave or the help text, else 1. By then the output has
 * been flushed, or its time is over.
 */
export async function runAgent(args: readonly string[]): Promise<number> {
  const log = new LogRing();
  const lost = (): void => void log.counters.linesUnprinted++;
  const output = new LineWriter(process.stdout, lost);
  const errors = new LineWriter(process.stderr, lost);
  const agentProcess = new AgentProcess(log, output);
  let code = 1;
  try {
    const { paths, layer, wantsHelp } = readFlags(args);
    if (wantsHelp) {
      output.write(helpText());
      code = 0;
    } else {
      code = await agentProcess.run(() => mergeConfig([...readConfigPaths(paths), layer]));
    }
  } catch (error) {
    const message = messageOf(error);
    // The message may contain text from peers.
    errors.write(`==> ${message.split("\n").map(escapeControls).join("\n")}`);
  }
  const { drainLeftMs } = agentProcess;
  await Promise.all([output.flush(drainLeftMs), errors.flush(drainLeftMs)]);
  return code;
}

/** An agent with its process: the printed output and the signals. */
class AgentProcess {
  readonly #log: LogRing;
  readonly #output: LineWriter;
  readonly #print = (line: string): void => this.#output.write(`    ${line}`);
  #stopPrinting: (() => void) | null = null;
  #agent: Agent | null = null;

  constructor(log: LogRing, output: LineWriter) {
    this.#log = log;
    this.#output = output;
  }

  /** Time that the printed output may still take. */
  get drainLeftMs(): number {
    return this.#agent?.drainLeftMs ?? DRAIN_MS;
  }

  /** Returns the exit code. @throws what keeps an agent from starting */
  async run(read: () => AgentConfig): Promise<number> {
    const config = read();
    const signals = new ProcessSignals(config, this.#log);
    this.#output.write("==> Starting Hearsay agent...");
    try {
      const agent = await Agent.open(config, this.#log);
      this.#agent = agent;
      signals.attach({
        leave: () => agent.leave(),
        shutdown: () => agent.shutdown(),
        cut: () => agent.cut(),
        reload: () => this.#reload(agent, read),
      });
      this.#output.write(banner(agent, config));
      await agent.join();
      this.#output.write("\n==> Log data will now stream in as it occurs:\n");
      this.#stopPrinting ??= this.#log.follow(config.logLevel, this.#print);
      const { status } = await agent.ended;
      return status === "closed" && agent.isGraceful && !agent.hasGivenUp ? 0 : 1;
    } catch (error) {
      this.#stopPrinting ??= this.#log.follow(config.logLevel, this.#print);
      throw error;
    } finally {
      this.#stopPrinting?.();
      signals.detach();
    }
  }

  #reload(agent: Agent, read: () => AgentConfig): void {
    const failed = (error: unknown): void => {
      const reason = messageOf(error);
      this.#log.write("ERR", `agent: Failed to reload configs: ${reason}`);
    };
    try {
      const next = read();
      // Lines that were printed aren't printed again; during the start none were.
      const isPrinting = this.#stopPrinting !== null;
      this.#stopPrinting?.();
      this.#stopPrinting = this.#log[isPrinting ? "listen" : "follow"](next.logLevel, this.#print);
      agent.reload(next).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

function banner(agent: Agent, config: AgentConfig): string {
  const { host, port } = agent.rpcAddress;
  const { address, boundAddress } = agent.cluster.self;
  const advertised = address === boundAddress ? "" : `    Advertise addr: '${address}'\n`;
  return `==> Hearsay agent running!
         Node name: '${agent.cluster.self.name}'
         Bind addr: '${boundAddress}'
${advertised}          RPC addr: '${host.includes(":") ? `[${host}]` : host}:${port}'
         Encrypted: ${agent.cluster.keys.local.isEnabled}
          Snapshot: ${config.snapshotPath !== null}
           Profile: ${config.profile}`;
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
