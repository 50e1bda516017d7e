import { type Logger, type LogLevel, textLogger } from "hearsay";
import type { AgentLogLevel, LogRing } from "./log-ring.ts";

/** A cluster's info lines become debug lines, since the agent already logs the same events in its own words. */
const LEVELS: Readonly<Record<LogLevel, AgentLogLevel>> = { debug: "DEBUG", info: "DEBUG", warn: "WARN", error: "ERR" };

/** A logger by which a cluster writes into the agent's log. */
export function clusterLogger(log: LogRing): Logger {
  return textLogger((level, line) => log.write(LEVELS[level], `serf: ${line}`));
}
