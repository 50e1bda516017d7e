import type { Cluster } from "hearsay";
import type { EventPipeline } from "../events/event-pipeline.ts";
import type { LogRing } from "../log/log-ring.ts";
import type { HandlerSpec } from "../scripts/handler-spec.ts";

/** The agent, as its RPC server needs it. */
export interface RpcHost {
  readonly cluster: Cluster;
  readonly events: EventPipeline;
  readonly log: LogRing;
  /** Null: nobody needs to authenticate. */
  readonly authKey: string | null;
  readonly handlers: () => readonly HandlerSpec[];
  /** Removes some tags and sets others, here and where they are kept. */
  changeTags(set: ReadonlyMap<string, string>, remove: readonly string[]): Promise<void>;
  /** Leaves the cluster; afterwards `shutdown` ends the agent. */
  leave(): Promise<void>;
  shutdown(): void;
}
