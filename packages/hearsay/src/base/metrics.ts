import { configError, type HearsayError } from "./errors.ts";

/** Labels with all values that each can have. Every combination is a series from the start. */
export type LabelValues = Readonly<Record<string, readonly string[]>>;

/** A series that only grows. */
export interface Counter {
  add(amount?: number): void;
}

/** A series with a current value. */
export interface Gauge {
  set(value: number): void;
}

/** Counts values by size. */
export interface Histogram {
  observe(value: number): void;
}

/** The series of one metric, by the values of its labels. */
export interface MetricFamily<Series> {
  /** The series with these label values, in the order in which the labels were declared. Get it once and keep it. */
  series(...values: string[]): Series;
}

/** Name and help of values that are counted elsewhere, by their key there. */
export type ReadTable<Key extends string> = Readonly<Record<Key, readonly [name: string, help: string]>>;

/** Buckets in seconds, from a millisecond to ten seconds. */
export const SECONDS_BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/**
 * One cluster's metrics, for Prometheus. An application can add its own.
 *
 * The series of a metric are fixed when it is declared, and start at 0, so that a rate over a first failure is right
 * and no peer can create new series. Every name begins with the option `metrics.prefix` and a `_`. A name that is taken
 * or not valid in Prometheus, and a series that was not declared, throw `ERR_CONFIG`.
 */
export class Metrics {
  readonly #prefix: string;
  readonly #metrics = new Map<string, Metric>();

  /** @param prefix First part of every name. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Declares a counter. By custom its name ends in `_total`. */
  counter(name: string, help: string, labels: LabelValues = {}): MetricFamily<Counter> {
    return this.#family(name, help, "counter", labels, () => new Value());
  }

  /** Declares a gauge, which goes up and down. */
  gauge(name: string, help: string, labels: LabelValues = {}): MetricFamily<Gauge> {
    return this.#family(name, help, "gauge", labels, () => new Value());
  }

  /**
   * Declares a series whose value is read on each `prometheus` call, for values that are counted elsewhere. If `value`
   * throws, the value is NaN.
   */
  read(name: string, help: string, type: "counter" | "gauge", value: () => number): void {
    this.#declare(name, help, type, [
      { labels: "", series: { lines: (key) => [`${key} ${number(readingOf(value))}`] } },
    ]);
  }

  /** Declares such a series for each row of a table. `value` gets the row's key. */
  readAll<Key extends string>(table: ReadTable<Key>, type: "counter" | "gauge", value: (key: Key) => number): void {
    for (const key in table) {
      const [name, help] = table[key];
      this.read(name, help, type, () => value(key));
    }
  }

  /**
   * Declares a histogram.
   *
   * @param buckets Upper bounds, ascending, without infinity. @defaultValue from a millisecond to ten seconds
   */
  histogram(
    name: string,
    help: string,
    labels: LabelValues = {},
    buckets: readonly number[] = SECONDS_BUCKETS,
  ): MetricFamily<Histogram> {
    return this.#family(name, help, "histogram", labels, () => new Buckets(buckets));
  }

  /** All metrics in Prometheus's text format, version 0.0.4. */
  prometheus(): string {
    const lines: string[] = [];
    for (const [name, { help, type, rows }] of this.#metrics) {
      lines.push(`# HELP ${name} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}`, `# TYPE ${name} ${type}`);
      for (const { labels, series } of rows) lines.push(...series.lines(name, labels));
    }
    return `${lines.join("\n")}\n`;
  }

  #family<S extends Series>(
    name: string,
    help: string,
    type: MetricType,
    labels: LabelValues,
    create: () => S,
  ): MetricFamily<S> {
    for (const [label, values] of Object.entries(labels)) {
      const isSound = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) && Array.isArray(values);
      if (!isSound || !values.every((value) => typeof value === "string"))
        throw misuse("labels", { [label]: values }, "names as Prometheus has them, each with a list of texts");
    }
    const byValues = new Map<string, S>();
    const rows: Row[] = [];
    for (const values of combinations(Object.values(labels))) {
      const series = create();
      byValues.set(JSON.stringify(values), series);
      rows.push({ labels: labelText(Object.keys(labels), values), series });
    }
    this.#declare(name, help, type, rows);
    return {
      series: (...values) => {
        const series = byValues.get(JSON.stringify(values));
        if (series === undefined) throw misuse("labels", values, `those of a series that was declared for ${name}`);
        return series;
      },
    };
  }

  #declare(name: string, help: string, type: MetricType, rows: readonly Row[]): void {
    const fullName = `${this.#prefix}_${name}`;
    if (typeof name !== "string") throw misuse("name", name, "text");
    if (typeof help !== "string") throw misuse("help", help, "text");
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(fullName))
      throw misuse("name", fullName, "letters, digits and _, as Prometheus has them");
    if (this.#metrics.has(fullName)) throw misuse("name", fullName, "a metric that is not declared already");
    this.#metrics.set(fullName, { help, type, rows });
  }
}

type MetricType = "counter" | "gauge" | "histogram";

interface Metric {
  readonly help: string;
  readonly type: MetricType;
  readonly rows: readonly Row[];
}

interface Row {
  /** `a="x",b="y"`, or nothing. */
  readonly labels: string;
  readonly series: Series;
}

interface Series {
  lines(name: string, labels: string): string[];
}

class Value implements Series, Counter, Gauge {
  #value = 0;

  add(amount = 1): void {
    this.#value += amount;
  }

  set(value: number): void {
    this.#value = value;
  }

  lines(name: string, labels: string): string[] {
    return [`${key(name, labels)} ${number(this.#value)}`];
  }
}

class Buckets implements Series, Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    if (bounds.some((bound, i) => !Number.isFinite(bound) || bound <= (bounds[i - 1] ?? Number.NEGATIVE_INFINITY))) {
      throw misuse("buckets", bounds, "finite bounds that ascend");
    }
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    const index = this.#bounds.findIndex((bound) => value <= bound);
    if (index >= 0) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  lines(name: string, labels: string): string[] {
    let below = 0;
    const lines = this.#bounds.map((bound, i) => {
      below += this.#counts[i] ?? 0;
      return `${key(`${name}_bucket`, join(labels, `le="${bound}"`))} ${below}`;
    });
    lines.push(
      `${key(`${name}_bucket`, join(labels, 'le="+Inf"'))} ${this.#count}`,
      `${key(`${name}_sum`, labels)} ${number(this.#sum)}`,
      `${key(`${name}_count`, labels)} ${this.#count}`,
    );
    return lines;
  }
}

function key(name: string, labels: string): string {
  return labels === "" ? name : `${name}{${labels}}`;
}

function join(labels: string, last: string): string {
  return labels === "" ? last : `${labels},${last}`;
}

function labelText(names: readonly string[], values: readonly string[]): string {
  return names.map((name, i) => `${name}="${escapeLabel(values[i] ?? "")}"`).join(",");
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

/** A value that can't be read must not fail the whole page. */
function readingOf(read: () => number): number {
  try {
    return read();
  } catch {
    return Number.NaN;
  }
}

function number(value: number): string {
  if (typeof value !== "number" || Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}

/** All choices of one value from each list. One empty choice if there are no lists. */
function combinations(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>(
    (chosen, list) => chosen.flatMap((values) => list.map((value) => [...values, value])),
    [[]],
  );
}

function misuse(key: string, value: unknown, allowed: string): HearsayError<"ERR_CONFIG"> {
  return configError([{ key, value, allowed }]);
}
