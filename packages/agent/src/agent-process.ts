import { escapeControls } from "hearsay";
import { Agent } from "./agent.ts";
import { hostPortText } from "./base/host-port.ts";
import { messageOf } from "./base/message-of.ts";
import type { AgentSettings } from "./config/agent-settings.ts";
import { DRAIN_MS } from "./ending.ts";
import { LineWriter } from "./log/line-writer.ts";
import { LogRing } from "./log/log-ring.ts";
import { ProcessSignals } from "./process-signals.ts";

/**
 * What a command makes of its arguments: how to read the settings, at the start and when they are read anew; null if
 * there is nothing to run.
 */
type Prepare = (print: (text: string) => void) => (() => AgentSettings) | null;

/**
 * Runs an agent until it ends. Returns the exit code: 0 after a leave or if there was nothing to run, else 1. By then
 * the output has been flushed, or its time is over.
 */
export async function runAgentProcess(prepare: Prepare): Promise<number> {
  const log = new LogRing();
  const lost = (): void => void log.counters.linesUnprinted++;
  const output = new LineWriter(process.stdout, lost);
  const errors = new LineWriter(process.stderr, lost);
  const agentProcess = new AgentProcess(log, output);
  let code = 1;
  try {
    const read = prepare((text) => output.write(text));
    code = read === null ? 0 : await agentProcess.run(read);
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
  async run(read: () => AgentSettings): Promise<number> {
    const settings = read();
    const signals = new ProcessSignals(settings, this.#log);
    this.#output.write("==> Starting Hearsay agent...");
    try {
      const agent = await Agent.open(settings, this.#log);
      this.#agent = agent;
      signals.attach({
        leave: () => agent.leave(),
        shutdown: () => agent.shutdown(),
        cut: () => agent.cut(),
        reload: () => void this.#reload(agent, read),
      });
      this.#output.write(banner(agent, settings));
      await agent.join();
      this.#output.write("\n==> Log data will now stream in as it occurs:\n");
      this.#stopPrinting ??= this.#log.follow(settings.logLevel, this.#print);
      const { status } = await agent.ended;
      return status === "closed" && agent.isGraceful && !agent.hasGivenUp ? 0 : 1;
    } catch (error) {
      this.#stopPrinting ??= this.#log.follow(settings.logLevel, this.#print);
      throw error;
    } finally {
      this.#stopPrinting?.();
      signals.detach();
    }
  }

  async #reload(agent: Agent, read: () => AgentSettings): Promise<void> {
    try {
      const next = read();
      await agent.reload(next);
      // Lines that were printed aren't printed again; during the start none were.
      const isPrinting = this.#stopPrinting !== null;
      this.#stopPrinting?.();
      this.#stopPrinting = this.#log[isPrinting ? "listen" : "follow"](next.logLevel, this.#print);
    } catch (error) {
      const reason = messageOf(error);
      this.#log.write("ERR", `agent: Failed to reload configs: ${reason}`);
    }
  }
}

function banner(agent: Agent, settings: AgentSettings): string {
  const { name, address, boundAddress } = agent.cluster.self;
  return [
    "==> Hearsay agent running!",
    `         Node name: '${name}'`,
    `         Bind addr: '${boundAddress}'`,
    ...(address === boundAddress ? [] : [`    Advertise addr: '${address}'`]),
    ...(settings.rpc === null ? [] : [`          RPC addr: '${hostPortText(agent.rpcAddress)}'`]),
    `         Encrypted: ${agent.cluster.keys.local.isEnabled}`,
    `          Snapshot: ${settings.cluster.snapshot !== undefined}`,
    `           Profile: ${settings.profile}`,
  ].join("\n");
}
