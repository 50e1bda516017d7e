import type { Metrics, ReadTable } from "hearsay";
import type { RpcUsage } from "./rpc-usage.ts";

/** Each counter's metric name and help text. */
const RPC_COUNTERS: ReadTable<Exclude<keyof RpcUsage, "connections" | "bytesHeld" | "bytesHeldMax">> = {
  connectionsAccepted: ["agent_rpc_connections_total", "RPC clients accepted."],
  connectionsRefused: ["agent_rpc_connections_refused_total", "RPC clients refused because too many were connected."],
  connectionsDisplaced: [
    "agent_rpc_connections_displaced_total",
    "RPC clients displaced by new ones before they opened.",
  ],
  connectionsCut: ["agent_rpc_connections_cut_total", "RPC clients disconnected by the agent."],
  requestsRefused: ["agent_rpc_requests_refused_total", "RPC requests that were refused, failed or could not be read."],
  recordsDropped: ["agent_rpc_records_dropped_total", "Records not sent because RPC clients did not read."],
  occurrencesDropped: ["agent_rpc_occurrences_dropped_total", "Events and log lines dropped for all RPC clients."],
};

const RPC_GAUGES: ReadTable<"connections" | "bytesHeld" | "bytesHeldMax"> = {
  connections: ["agent_rpc_connections", "RPC clients that are connected now."],
  bytesHeld: ["agent_rpc_bytes", "Bytes that the agent keeps for RPC clients now."],
  bytesHeldMax: ["agent_rpc_bytes_max", "The highest value of agent_rpc_bytes so far."],
};

/** Adds the counters of an RPC server and the usage of its clients; they are read on demand. */
export function addRpcMetrics(metrics: Metrics, usage: () => RpcUsage): void {
  metrics.readAll(RPC_COUNTERS, "counter", (key) => usage()[key]);
  metrics.readAll(RPC_GAUGES, "gauge", (key) => usage()[key]);
}
