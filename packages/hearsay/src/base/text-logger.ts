import { logLine } from "./logfmt.ts";
import type { LogFields, Logger, LogLevel } from "./logger.ts";

/**
 * A logger that hands each line on as one text in logfmt, without the level: `member failed member=a by=b`. For logs that
 * are neither a console nor a logger of pino's kind, and for an application's own lines beside the cluster's. What a peer
 * put into a name is escaped: it makes no second line, and a terminal obeys nothing of it.
 */
export function textLogger(write: (level: LogLevel, line: string) => void): Logger {
  const at =
    (level: LogLevel) =>
    (text: unknown, fields?: unknown): void =>
      write(level, logLine(String(text), fieldsOf(fields)));
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function fieldsOf(fields: unknown): LogFields {
  return typeof fields === "object" && fields !== null ? { ...fields } : {};
}
