import type { HearsayOptions } from "hearsay";
import type { AgentLogLevel } from "../log/log-ring.ts";

/** What an agent is started with, whatever it was written in. */
export interface AgentSettings {
  /** The options of its node, without those that the agent gives itself. */
  readonly cluster: Omit<HearsayOptions, "tags" | "logger" | "handlerTimeout">;
  /**
   * Whether a reload also changes timings, keys and targets. Serf's agent reads these at its start only.
   */
  readonly reloadsCluster: boolean;
  /** The named set of defaults that was chosen, for the start's text. */
  readonly profile: string;
  readonly tags: Readonly<Record<string, string>>;
  /** A file that keeps the tags; null: none. If there is a file, `tags` is empty. */
  readonly tagsFile: string | null;
  /** Targets that are tried once, at the start. If none answers, the agent ends. */
  readonly startJoin: readonly string[];
  /** Targets that are tried until one answers, and again after a split. */
  readonly retryJoin: RetryJoin;
  /** Whether the events before a join are delivered. */
  readonly replayOnJoin: boolean;
  /** Scripts, each `[filter=]script`. */
  readonly eventHandlers: readonly string[];
  /** Time that running scripts, waiting events and handlers of the node may take when the agent ends, from 0. */
  readonly handlerTimeoutMs: number;
  readonly logLevel: AgentLogLevel;
  /** Whether the node leaves on SIGINT; otherwise the others see it fail. */
  readonly leaveOnInterrupt: boolean;
  /** The same for SIGTERM. */
  readonly leaveOnTerminate: boolean;
  /** Serf's RPC; null: none. */
  readonly rpc: RpcSettings | null;
}

/** How an agent joins until it succeeds. */
export interface RetryJoin {
  readonly targets: readonly string[];
  readonly intervalMs: number;
  /** 0: any number. After the last attempt the agent ends. */
  readonly attemptsMax: number;
}

/** Settings of Serf's RPC. */
export interface RpcSettings {
  /** Port 0 takes a free one. */
  readonly bind: { readonly host: string; readonly port: number };
  /** What clients have to show; null: nothing. */
  readonly authKey: string | null;
  /** Concurrent clients, from 1. At the limit a new client replaces one that has not shaken hands. */
  readonly connectionsMax: number;
  /** Bytes that the agent keeps for all clients together, from 65,536: mostly for slow readers. */
  readonly bytesMax: number;
  /** Time limit for a client's handshake, and for its authentication, from 1. */
  readonly handshakeMs: number;
}
