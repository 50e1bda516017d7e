import { escapeControls } from "hearsay/internal";

/** Levels of the agent's log, least urgent first. */
export const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERR"] as const;

export type AgentLogLevel = (typeof LOG_LEVELS)[number];

/** Lines that are remembered, for monitors that come later. */
export const LOG_LINES_MAX = 512;

/** Who gets lines. */
interface Follower {
  readonly least: number;
  readonly write: (line: string) => void;
}

/** The level of this name in either case; null if there is none. */
export function logLevel(name: string): AgentLogLevel | null {
  return LOG_LEVELS.find((level) => level === name.toUpperCase()) ?? null;
}

/** The agent's log: the last lines, and whoever follows it. */
export class LogRing {
  readonly #lines: { readonly level: number; readonly line: string }[] = [];
  readonly #followers = new Set<Follower>();
  readonly #now: () => Date;

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  /** Adds a line; names of members and events, and what scripts print, can't make more than one of it. */
  write(level: AgentLogLevel, text: string): void {
    const rank = LOG_LEVELS.indexOf(level);
    const line = `${timestamp(this.#now())} [${level}] ${escapeControls(text.trimEnd())}`;
    this.#lines.push({ level: rank, line });
    if (this.#lines.length > LOG_LINES_MAX) this.#lines.shift();
    for (const follower of this.#followers) if (rank >= follower.least) follower.write(line);
  }

  /** Calls `write` with the last lines of at least this level, and with each that comes. Returns what ends it. */
  follow(level: AgentLogLevel, write: (line: string) => void): () => void {
    const least = LOG_LEVELS.indexOf(level);
    for (const { level: rank, line } of this.#lines) if (rank >= least) write(line);
    const follower: Follower = { least, write };
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}

/** As Go's `log` writes it: local time, to the second. */
function timestamp(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}/${two(at.getMonth() + 1)}/${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
