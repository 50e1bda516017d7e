import type { Cluster } from "hearsay";
import { Metrics, type ReadTable } from "hearsay/internal";
import type { ScriptCounters } from "../scripts/script-runner.ts";
import type { RpcUsage } from "./rpc-usage.ts";

/** What an agent counts besides what its node and its RPC server count. */
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

/** What each counter of the scripts means, under the name that its metric has. */
const SCRIPT_COUNTERS: ReadTable<keyof ScriptCounters> = {
  scriptsRun: ["agent_scripts_total", "Scripts run."],
  scriptsFailed: ["agent_scripts_failed_total", "Scripts that could not be started, or failed."],
  scriptsKilled: ["agent_scripts_killed_total", "Scripts killed because their time was over."],
  scriptsCut: ["agent_scripts_cut_total", "Scripts killed because the agent ended."],
  eventsDropped: ["agent_events_dropped_total", "Events for handlers dropped: too many waited, or the agent ended."],
};

/** The same for the RPC server's. */
const RPC_COUNTERS: ReadTable<Exclude<keyof RpcUsage, "connections" | "bytesHeld" | "bytesHeldMax">> = {
  connectionsAccepted: ["agent_rpc_connections_total", "RPC clients accepted."],
  connectionsRefused: ["agent_rpc_connections_refused_total", "RPC clients refused because too many were connected."],
  connectionsDisplaced: ["agent_rpc_connections_displaced_total", "RPC clients that never opened and made room."],
  connectionsCut: ["agent_rpc_connections_cut_total", "RPC clients ended from this side."],
  requestsRefused: ["agent_rpc_requests_refused_total", "RPC requests refused, failed or unreadable."],
  recordsDropped: ["agent_rpc_records_dropped_total", "Records that slow RPC clients did not get."],
  occurrencesDropped: ["agent_rpc_occurrences_dropped_total", "Events and log lines dropped for all RPC clients."],
};

const RPC_GAUGES: ReadTable<"connections" | "bytesHeld" | "bytesHeldMax"> = {
  connections: ["agent_rpc_connections", "RPC clients that are connected now."],
  bytesHeld: ["agent_rpc_bytes", "Bytes that RPC clients make the agent keep now."],
  bytesHeldMax: ["agent_rpc_bytes_max", "The most that these bytes have come to."],
};

/** An agent's metrics: its node's, and its own, read when somebody asks. */
export class AgentMetrics {
  readonly #cluster: Cluster;
  readonly #own = new Metrics("hearsay");

  constructor(cluster: Cluster, figures: () => AgentFigures, rpc: () => RpcUsage | null) {
    this.#cluster = cluster;
    const own = this.#own;
    own.readAll(SCRIPT_COUNTERS, "counter", (key) => figures().scripts[key]);
    own.readAll(RPC_COUNTERS, "counter", (key) => rpc()?.[key] ?? 0);
    own.readAll(RPC_GAUGES, "gauge", (key) => rpc()?.[key] ?? 0);
    own.read(
      "agent_events_waiting",
      "Events that wait for scripts now.",
      "gauge",
      () => figures().scripts.eventsWaiting,
    );
    const help = "Log lines that standard output and standard error did not take.";
    own.read("agent_log_lines_unprinted_total", help, "counter", () => figures().log.linesUnprinted);
  }

  /** All of them in Prometheus's text format. */
  prometheus(): string {
    return this.#cluster.metrics.prometheus() + this.#own.prometheus();
  }
}
