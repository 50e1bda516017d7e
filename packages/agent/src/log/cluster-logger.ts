import { type Logger, type LogLevel, textLogger } from "hearsay";
import type { AgentLogLevel, LogRing } from "./log-ring.ts";

/** What a cluster calls information the agent says in words of its own already. */
const LEVELS: Readonly<Record<LogLevel, AgentLogLevel>> = { debug: "DEBUG", info: "DEBUG", warn: "WARN", error: "ERR" };

/** Lets a cluster write into the agent's log. */
export function clusterLogger(log: LogRing): Logger {
  return textLogger((level, line) => log.write(LEVELS[level], `serf: ${line}`));
}
