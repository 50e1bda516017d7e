import type { Logger } from "hearsay";
import { logLine } from "hearsay/internal";
import type { AgentLogLevel, LogRing } from "./log-ring.ts";

/** Lets a cluster write into the agent's log. What it calls information the agent says in words of its own already. */
export function clusterLogger(log: LogRing): Logger {
  const at =
    (level: AgentLogLevel) =>
    (text: unknown, fields: unknown): void =>
      log.write(level, `serf: ${logLine(String(text), { ...(typeof fields === "object" ? fields : {}) })}`);
  return { debug: at("DEBUG"), info: at("DEBUG"), warn: at("WARN"), error: at("ERR") };
}
