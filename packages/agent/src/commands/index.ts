/** `@hearsay/agent/command`: the parts of the command `hearsay` that run an agent or read its configuration. */
export { runAgent } from "./agent.ts";
export { type ConfigReport, checkConfig, configSchemaText, type Environment, showConfig } from "./config.ts";
