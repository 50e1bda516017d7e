import type { Logger } from "hearsay";
import type { AgentLogLevel, LogRing } from "./log-ring.ts";

/** Lets a cluster write into the agent's log. What it calls information the agent says in words of its own already. */
export function clusterLogger(log: LogRing): Logger {
  const at =
    (level: AgentLogLevel) =>
    (first: unknown, ...rest: unknown[]): void =>
      log.write(level, `serf: ${[first, ...rest].map(words).join(" ")}`.trimEnd());
  return { debug: at("DEBUG"), info: at("DEBUG"), warn: at("WARN"), error: at("ERR") };
}

function words(part: unknown): string {
  if (typeof part !== "object" || part === null) return String(part);
  return Object.entries(part)
    .map(([name, value]) => `${name}=${value instanceof Error ? value.message : String(value)}`)
    .join(" ");
}
