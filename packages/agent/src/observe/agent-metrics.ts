import type { Metrics, ReadTable } from "hearsay";
import type { ScriptCounters } from "../scripts/script-runner.ts";

/** An agent's own counters, without those of its node and its faces. */
export interface AgentFigures {
  readonly scripts: Readonly<ScriptCounters> & {
    /** Events that wait for their scripts. */
    readonly eventsWaiting: number;
  };
  readonly log: {
    /** Lines that standard output and standard error did not take. */
    readonly linesUnprinted: number;
  };
}

/** The metric name and help text of each script counter. */
const SCRIPT_COUNTERS: ReadTable<keyof ScriptCounters> = {
  scriptsRun: ["agent_scripts_total", "Scripts run."],
  scriptsFailed: ["agent_scripts_failed_total", "Scripts that could not be started or failed."],
  scriptsKilled: ["agent_scripts_killed_total", "Scripts killed because they took too long."],
  scriptsCut: ["agent_scripts_cut_total", "Scripts killed because the agent ended."],
  eventsDropped: [
    "agent_events_dropped_total",
    "Events for which no script ran because too many waited or the agent ended.",
  ],
};

/** Adds the agent's own counters to its node's metrics; they are read on demand. */
export function addAgentMetrics(metrics: Metrics, figures: () => AgentFigures): void {
  metrics.readAll(SCRIPT_COUNTERS, "counter", (key) => figures().scripts[key]);
  const waitingHelp = "Events that wait for their scripts now.";
  metrics.read("agent_events_waiting", waitingHelp, "gauge", () => figures().scripts.eventsWaiting);
  const unprintedHelp = "Log lines that could not be written to standard output or standard error.";
  metrics.read("agent_log_lines_unprinted_total", unprintedHelp, "counter", () => figures().log.linesUnprinted);
}
