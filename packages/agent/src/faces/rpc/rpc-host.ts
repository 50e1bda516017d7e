import type { Metrics } from "hearsay";
import type { EventPipeline } from "../../events/event-pipeline.ts";
import type { LogRing } from "../../log/log-ring.ts";
import type { AgentOperations } from "../../operations/agent-operations.ts";

/** Limits of the clients of one server, together, and of their handshakes. */
export interface RpcLimits {
  /** Concurrent clients. */
  readonly connectionsMax: number;
  /** Bytes that the server keeps for all of them. */
  readonly bytesMax: number;
  /** Time limit for the handshake, and for the authentication if that is required. */
  readonly handshakeMs: number;
}

/** The agent, as its RPC server needs it. */
export interface RpcHost {
  readonly operations: AgentOperations;
  readonly events: EventPipeline;
  readonly log: LogRing;
  /** Where the server adds its counters and usage. */
  readonly metrics: Metrics;
  readonly limits: RpcLimits;
  /** Null if no authentication is required. */
  readonly authKey: string | null;
}
