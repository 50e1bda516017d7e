/** `@hearsay/agent/command`: the parts of the command `hearsay` that run an agent or read its configuration. */
export { ConfigError } from "../config/config-error.ts";
export type { Converted } from "../config/convert.ts";
export type { Environment } from "../config/sources/environment.ts";
export { runAgent } from "./agent.ts";
export {
  type ConfigReport,
  checkConfig,
  configSchemaText,
  convertFile,
  showConfig,
} from "./config.ts";
