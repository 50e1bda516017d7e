import { type Logger, textLogger } from "hearsay";
import type { LogRing } from "../../log/log-ring.ts";

/** Lines about refusals that may be logged at once. */
const BURST_LINES = 128;

/** Lines a second after such a burst. */
const LINES_PER_SECOND = 16;

/** Logged characters of each text from a client. */
const FIELD_CHARACTERS_MAX = 256;

/** Logs the requests and clients that a server refuses, one line each, with a limit against floods. */
export class RefusalLog {
  readonly #log: Logger;
  readonly #now: () => number;
  #left = BURST_LINES;
  #refilledAt: number;
  #suppressed = 0;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(log: LogRing, now: () => number) {
    this.#log = textLogger((_level, line) => log.write("WARN", `agent.ipc: ${line}`));
    this.#now = now;
    this.#refilledAt = now();
  }

  /** The first line after suppressed ones says how many there were. */
  warn(text: string, fields: Readonly<Record<string, string>>): void {
    if (!this.#mayWrite()) {
      this.#suppressed++;
      return;
    }
    const short = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, value.slice(0, FIELD_CHARACTERS_MAX)]),
    );
    const all = this.#suppressed > 0 ? { ...short, suppressed: this.#suppressed } : short;
    this.#suppressed = 0;
    this.#log.warn(text, all);
  }

  #mayWrite(): boolean {
    const now = this.#now();
    this.#left = Math.min(BURST_LINES, this.#left + ((now - this.#refilledAt) * LINES_PER_SECOND) / 1000);
    this.#refilledAt = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
