import type { Logger } from "hearsay";

/** A logger that keeps every line as text: the level in upper case, the message, then the fields as JSON. */
export class LogRecorder implements Logger {
  readonly lines: string[] = [];
  readonly #onLine: (line: string) => void;

  /** `onLine` is also called with each line. */
  constructor(onLine: (line: string) => void = () => {}) {
    this.#onLine = onLine;
  }

  debug(text: unknown, fields: unknown): void {
    this.#write("DEBUG", text, fields);
  }

  info(text: unknown, fields: unknown): void {
    this.#write("INFO", text, fields);
  }

  warn(text: unknown, fields: unknown): void {
    this.#write("WARN", text, fields);
  }

  error(text: unknown, fields: unknown): void {
    this.#write("ERROR", text, fields);
  }

  #write(level: string, text: unknown, fields: unknown): void {
    const line = `[${level}] ${String(text)} ${JSON.stringify(fields)}`;
    this.lines.push(line);
    this.#onLine(line);
  }
}
