import type { Cluster } from "hearsay";
import type { EventPipeline } from "../../events/event-pipeline.ts";
import type { LogRing } from "../../log/log-ring.ts";
import type { AgentFigures } from "../../observe/agent-metrics.ts";
import type { HandlerSpec } from "../../scripts/handler-spec.ts";

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
  readonly cluster: Cluster;
  readonly events: EventPipeline;
  readonly log: LogRing;
  readonly limits: RpcLimits;
  /** Null: nobody needs to authenticate. */
  readonly authKey: string | null;
  readonly handlers: () => readonly HandlerSpec[];
  /** What the agent has counted. */
  readonly figures: () => AgentFigures;
  /** Removes some tags and sets others, here and where they are kept. */
  changeTags(set: ReadonlyMap<string, string>, remove: readonly string[]): Promise<void>;
  /** Begins to leave, with which the agent ends. Resolves once the others have been told. */
  leave(): Promise<void>;
}
