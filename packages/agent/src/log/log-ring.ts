import { escapeControls } from "hearsay";

/** Levels of the agent's log, least urgent first. */
export const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERR"] as const;

export type AgentLogLevel = (typeof LOG_LEVELS)[number];

/** Lines that are kept for later monitors. */
export const LOG_LINES_MAX = 512;

/** Characters of a line. Texts from clients and scripts may have any length; the rest is cut off. */
export const LOG_LINE_CHARS_MAX = 10_240;

/** A recipient of lines. */
interface Follower {
  readonly least: number;
  readonly write: (line: string, level: AgentLogLevel) => void;
}

/** The level of this name in either case; null if there is none. */
export function logLevel(name: string): AgentLogLevel | null {
  return LOG_LEVELS.find((level) => level === name.toUpperCase()) ?? null;
}

/** Whether a level is at least as urgent as `least`. */
export function isAtLeast(level: AgentLogLevel, least: AgentLogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}

/** The agent's log: the last lines, and the followers of new ones. */
export class LogRing {
  /** Lines that standard output and standard error did not take. */
  readonly counters: { linesUnprinted: number } = { linesUnprinted: 0 };
  readonly #lines: { readonly level: number; readonly line: string }[] = [];
  readonly #followers = new Set<Follower>();
  readonly #now: () => Date;

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  /** Adds one line: names of members and events, and output of scripts, can't break it. */
  write(level: AgentLogLevel, text: string): void {
    const rank = LOG_LEVELS.indexOf(level);
    const line = `${timestamp(this.#now())} [${level}] ${shown(text.trimEnd())}`;
    this.#lines.push({ level: rank, line });
    if (this.#lines.length > LOG_LINES_MAX) this.#lines.shift();
    for (const follower of this.#followers) if (rank >= follower.least) follower.write(line, level);
  }

  /** The last lines of at least this level. */
  last(level: AgentLogLevel): string[] {
    const least = LOG_LEVELS.indexOf(level);
    return this.#lines.filter(({ level: rank }) => rank >= least).map(({ line }) => line);
  }

  /** Calls `write` with each new line of at least this level. Returns a function that stops it. */
  listen(level: AgentLogLevel, write: Follower["write"]): () => void {
    const follower: Follower = { least: LOG_LEVELS.indexOf(level), write };
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** The same, preceded by the last lines. */
  follow(level: AgentLogLevel, write: (line: string) => void): () => void {
    for (const line of this.last(level)) write(line);
    return this.listen(level, write);
  }
}

/** Escapes everything that a terminal would obey, and cuts the text at the limit, which counts the escapes. */
function shown(text: string): string {
  const escaped = escapeControls(text.slice(0, LOG_LINE_CHARS_MAX));
  const more = Math.max(0, escaped.length - LOG_LINE_CHARS_MAX) + Math.max(0, text.length - LOG_LINE_CHARS_MAX);
  return more > 0 ? `${escaped.slice(0, LOG_LINE_CHARS_MAX)}... (${more} characters more)` : escaped;
}

/** As Go's `log` writes it: local time, to the second. */
function timestamp(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}/${two(at.getMonth() + 1)}/${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
