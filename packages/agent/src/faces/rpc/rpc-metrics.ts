import type { Metrics, ReadTable } from "hearsay";
import type { RpcUsage } from "./rpc-usage.ts";

/** Each counter's metric name and help text. */
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

/** Adds the counters of an RPC server and the usage of its clients; they are read on demand. */
export function addRpcMetrics(metrics: Metrics, usage: () => RpcUsage): void {
  metrics.readAll(RPC_COUNTERS, "counter", (key) => usage()[key]);
  metrics.readAll(RPC_GAUGES, "gauge", (key) => usage()[key]);
}
