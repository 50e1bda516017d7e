import { Console } from "node:console";
import { logLine } from "./logfmt.ts";

/**
 * Where log lines go: `console`, a pino logger, or anything with these four methods. A console gets one text, the level
 * and the line in logfmt: `WARN member failed member=a …`. Loggers like pino (with `child` or `level`) get an object
 * and then the text; others get the text and then the object. Names in the object come unchanged from the peers: escape
 * them with `escapeControls` before you print them, or use `textLogger`.
 */
export interface Logger {
  debug(first: unknown, ...rest: unknown[]): void;
  info(first: unknown, ...rest: unknown[]): void;
  warn(first: unknown, ...rest: unknown[]): void;
  error(first: unknown, ...rest: unknown[]): void;
}

/** The severity of a line. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** The fields of a line, by name. Never encryption keys. */
export type LogFields = Readonly<Record<string, unknown>>;

/** How to write a log. */
export interface LogOptions {
  /** Monotonic milliseconds, for `repeated`. */
  readonly now: () => number;
  /** Fields of every line. */
  readonly fields?: LogFields;
  /** Least time between two lines with the same key. @defaultValue 10000 */
  readonly repeatMs?: number;
}

/** Keys that `repeated` remembers; while none of them has expired, lines with other keys are suppressed. */
const KEYS_MAX = 512;

/** One cluster's log: writes to the application's logger, if there is one. */
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
   * For lines that a peer can cause at will: one line per key and interval, of 512 keys at most. The next line reports
   * the number of omitted ones as `suppressed`.
   */
  repeated(key: string, level: LogLevel, text: string, fields: LogFields = {}): void {
    if (this.#logger === null) return;
    const suppressed = this.#repeats.admit(key, this.#now());
    if (suppressed !== null) this.#write(level, text, suppressed > 0 ? { ...fields, suppressed } : fields);
  }

  #write(level: LogLevel, text: string, fields: LogFields): void {
    if (this.#logger === null) return;
    // The fields that every line has come last.
    const all = { ...fields, ...this.#fields };
    try {
      if (this.#form === "line") this.#logger[level](`${level.toUpperCase()} ${logLine(text, all)}`);
      else if (this.#form === "object-first") this.#logger[level](all, text);
      else this.#logger[level](text, all);
    } catch {
      // A failing logger must not stop the cluster.
      this.lost++;
    }
  }
}

/** Admits one repetition per key and interval, and counts the others. Admits at most 512 per interval over all keys. */
export class RepeatGuard {
  readonly #intervalMs: number;
  /** In the order of `admittedAt`. */
  readonly #seen = new Map<string, { admittedAt: number; suppressed: number }>();
  /** Suppressed under keys that are not remembered; reported with the next new key. */
  #suppressedUnknown = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** The number suppressed since the last admitted one, or null if this one is suppressed too. */
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

  /** Only if its interval is over: else a peer that invents keys would get a line for each. */
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

/** How a logger takes its lines: as one text, or as text and fields. */
type LogForm = "line" | "object-first" | "text-first";

function formOf(logger: Logger | null): LogForm {
  if (logger === null) return "text-first";
  if (logger instanceof Console) return "line";
  const isPinoLike = ("child" in logger && typeof logger.child === "function") || "level" in logger;
  return isPinoLike ? "object-first" : "text-first";
}
