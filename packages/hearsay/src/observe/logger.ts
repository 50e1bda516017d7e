/**
 * Where log lines go: `console`, a pino logger, or anything with these four methods. Loggers of pino's kind (they have
 * `child` or `level`) get an object and then the text, others the text and then the object.
 */
export interface Logger {
  debug(first: unknown, ...rest: unknown[]): void;
  info(first: unknown, ...rest: unknown[]): void;
  warn(first: unknown, ...rest: unknown[]): void;
  error(first: unknown, ...rest: unknown[]): void;
}

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
  readonly #isObjectFirst: boolean;
  readonly #fields: LogFields;
  readonly #repeats: RepeatGuard;
  readonly #now: () => number;

  constructor(logger: Logger | null, options: LogOptions) {
    this.#logger = logger;
    this.#isObjectFirst = logger !== null && takesObjectFirst(logger);
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
    const all = { ...this.#fields, ...fields };
    try {
      if (this.#isObjectFirst) this.#logger[level](all, text);
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

function takesObjectFirst(logger: Logger): boolean {
  return ("child" in logger && typeof logger.child === "function") || "level" in logger;
}
