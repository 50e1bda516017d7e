import { Console } from "node:console";
import { logLine } from "./logfmt.ts";

/**
 * Where log lines go: `console`, a pino logger, or anything with these four methods. A console gets one text, the level and
 * the line in logfmt: `WARN member failed member=a …`. Loggers of pino's kind (they have `child` or `level`) get an object
 * and then the text, others the text and then the object; names in it are as the peers gave them, so escape what you print
 * (`escapeControls`), or have `textLogger` make the lines.
 */
export interface Logger {
  debug(first: unknown, ...rest: unknown[]): void;
  info(first: unknown, ...rest: unknown[]): void;
  warn(first: unknown, ...rest: unknown[]): void;
  error(first: unknown, ...rest: unknown[]): void;
}

/** How urgent a line is. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Facts of a line, under names. Never keys of encryption. */
export type LogFields = Readonly<Record<string, unknown>>;

/** How a log is kept. */
export interface LogOptions {
  /** Monotonic milliseconds, for `repeated`. */
  readonly now: () => number;
  /** Fields of every line. */
  readonly fields?: LogFields;
  /** Least time between two lines of one key. @defaultValue 10000 */
  readonly repeatMs?: number;
}

/** Keys that `repeated` remembers; while all of them are in their time, lines of further keys are held back. */
const KEYS_MAX = 512;

/** One cluster's log: writes to whatever logger the application gave, or nowhere. */
export class Log {
  /** Lines that were lost because the logger threw. */
  lost = 0;
  readonly #logger: Logger | null;
  readonly #form: LogForm;
  readonly #fields: LogFields;
  readonly #repeats: RepeatGuard;
  readonly #now: () => number;

  constructor(logger: Logger | null, options: LogOptions) {
    this.#logger = logger;
    this.#form = formOf(logger);
    this.#fields = options.fields ?? {};
    this.#repeats = new RepeatGuard(options.repeatMs ?? 10_000);
    this.#now = options.now;
  }

  debug(text: string, fields: LogFields = {}): void {
    this.#write("debug", text, fields);
  }

  info(text: string, fields: LogFields = {}): void {
    this.#write("info", text, fields);
  }

  warn(text: string, fields: LogFields = {}): void {
    this.#write("warn", text, fields);
  }

  error(text: string, fields: LogFields = {}): void {
    this.#write("error", text, fields);
  }

  /**
   * For lines that a peer can cause at will: one per key and time, of 512 keys at most. The next one says how many were
   * left out, as `suppressed`.
   */
  repeated(key: string, level: LogLevel, text: string, fields: LogFields = {}): void {
    if (this.#logger === null) return;
    const suppressed = this.#repeats.admit(key, this.#now());
    if (suppressed !== null) this.#write(level, text, suppressed > 0 ? { ...fields, suppressed } : fields);
  }

  #write(level: LogLevel, text: string, fields: LogFields): void {
    if (this.#logger === null) return;
    // What is the same in every line comes last.
    const all = { ...fields, ...this.#fields };
    try {
      if (this.#form === "line") this.#logger[level](`${level.toUpperCase()} ${logLine(text, all)}`);
      else if (this.#form === "object-first") this.#logger[level](all, text);
      else this.#logger[level](text, all);
    } catch {
      // A logger that fails must not take the cluster with it.
      this.lost++;
    }
  }
}

/** Admits one of many repetitions per time, and counts the others. Under however many keys, no more than 512 per time. */
export class RepeatGuard {
  readonly #intervalMs: number;
  /** In the order of `admittedAt`. */
  readonly #seen = new Map<string, { admittedAt: number; suppressed: number }>();
  /** Held back under keys that are not remembered; the next new key tells. */
  #suppressedUnknown = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** How many were held back since the last one that was admitted, or null if this one is held back too. */
  admit(key: string, now: number): number | null {
    const known = this.#seen.get(key);
    if (known === undefined) return this.#admitNew(key, now);
    if (now - known.admittedAt < this.#intervalMs) {
      known.suppressed++;
      return null;
    }
    this.#seen.delete(key);
    this.#seen.set(key, { admittedAt: now, suppressed: 0 });
    return known.suppressed;
  }

  #admitNew(key: string, now: number): number | null {
    if (this.#seen.size >= KEYS_MAX && !this.#forgetOldest(now)) {
      this.#suppressedUnknown++;
      return null;
    }
    this.#seen.set(key, { admittedAt: now, suppressed: 0 });
    const suppressed = this.#suppressedUnknown;
    this.#suppressedUnknown = 0;
    return suppressed;
  }

  /** Only if its time is over: else whoever makes up keys would get a line for each. */
  #forgetOldest(now: number): boolean {
    for (const [key, { admittedAt, suppressed }] of this.#seen) {
      if (now - admittedAt < this.#intervalMs) return false;
      this.#seen.delete(key);
      this.#suppressedUnknown += suppressed;
      return true;
    }
    return false;
  }
}

/** How a logger wants its lines: as one text, or with the fields beside it. */
type LogForm = "line" | "object-first" | "text-first";

function formOf(logger: Logger | null): LogForm {
  if (logger === null) return "text-first";
  if (logger instanceof Console) return "line";
  const isPinoLike = ("child" in logger && typeof logger.child === "function") || "level" in logger;
  return isPinoLike ? "object-first" : "text-first";
}
