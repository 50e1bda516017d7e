import { logLine } from "./logfmt.ts";
import type { LogFields, Logger, LogLevel } from "./logger.ts";

/**
 * A logger that passes each line to `write` as one text in logfmt, without the level: `member failed member=a by=b`.
 * For logs that are neither a console nor like pino, and for an application's own lines. Control characters in names
 * from peers are escaped: they can't start a second line or control a terminal.
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
