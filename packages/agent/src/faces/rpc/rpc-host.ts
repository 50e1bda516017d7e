import type { EventPipeline } from "../../events/event-pipeline.ts";
import type { LogRing } from "../../log/log-ring.ts";
import type { AgentOperations } from "../../operations/agent-operations.ts";

/** What the clients of one server may cost together, and how long they may take. */
export interface RpcLimits {
  /** Clients at a time. */
  readonly connectionsMax: number;
  /** Bytes that they may make the server keep. */
  readonly bytesMax: number;
  /** Until a client has shaken hands, and authenticated where that is asked for. */
  readonly handshakeMs: number;
}

/** The agent, as its RPC server needs it. */
export interface RpcHost {
  readonly operations: AgentOperations;
  readonly events: EventPipeline;
  readonly log: LogRing;
  readonly limits: RpcLimits;
  /** Null: nobody needs to authenticate. */
  readonly authKey: string | null;
}
