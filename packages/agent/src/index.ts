export { Agent, type AgentEnd } from "./agent.ts";
export { type AgentConfig, type ConfigLayer, DEFAULT_CONFIG, mergeConfig } from "./config/agent-config.ts";
export { ConfigError } from "./config/read-config.ts";
export type { RpcUsage } from "./faces/rpc/rpc-usage.ts";
export type { RpcAddress } from "./faces/rpc/server.ts";
export { type AgentLogLevel, LOG_LEVELS, LogRing } from "./log/log-ring.ts";
export type { AgentOperations, AgentStats } from "./operations/agent-operations.ts";
export { type SearchFilter, SearchRefused } from "./operations/member-search.ts";
