export { Agent, type AgentEnd } from "./agent.ts";
export { type AgentConfig, type ConfigLayer, DEFAULT_CONFIG, mergeConfig } from "./config/agent-config.ts";
export { ConfigError } from "./config/read-config.ts";
export type { RpcAddress } from "./faces/rpc/server.ts";
export { type AgentLogLevel, LOG_LEVELS, LogRing } from "./log/log-ring.ts";
export type { RpcUsage } from "./observe/rpc-usage.ts";
