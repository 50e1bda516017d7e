import { HIDDEN } from "hearsay/options";
import { type Origin, originName } from "./origin.ts";

/** The value of one key, as a source gives it. */
export interface Given {
  /** A path in the schema, such as `timings.probeInterval`. */
  readonly key: string;
  readonly value: unknown;
  readonly origin: Origin;
}

/** What is wrong with a configuration, at one place. */
export interface ConfigFault {
  readonly origin: Origin;
  /** The value as it may be shown; null if it is hidden, or if there is none. */
  readonly value: string | null;
  /** What is wrong, and what would be right. */
  readonly problem: string;
}

/** What a source says, as far as it can be read. */
export interface Source {
  /** Without two values of one key. */
  readonly given: readonly Given[];
  readonly faults: readonly ConfigFault[];
}

/** Collects what one source says. A key that it gives twice, with different values, is a fault. */
export class SourceReader implements Source {
  readonly given: Given[] = [];
  readonly faults: ConfigFault[] = [];

  add(given: Given): void {
    const other = this.given.find(({ key }) => overlap(key, given.key));
    if (other === undefined) this.given.push(given);
    else if (other.key !== given.key || JSON.stringify(other.value) !== JSON.stringify(given.value)) {
      this.refuse(given.origin, null, `means the same as ${originName(other.origin)}, which says something else`);
    }
  }

  /** Adds a fault. `value` is shown as JSON; null shows none. */
  refuse(origin: Origin, value: unknown, problem: string): void {
    this.faults.push({ origin, value: value === null ? null : shown(value), problem });
  }
}

/** Whether two keys are the same, or one is a part of the other. */
export function overlap(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

/** The values of several sources; a later one replaces the whole value of a key. */
export function merged(sources: readonly (readonly Given[])[]): Map<string, Given> {
  const values = new Map<string, Given>();
  for (const given of sources.flat()) {
    for (const key of values.keys()) if (overlap(key, given.key)) values.delete(key);
    values.set(given.key, given);
  }
  return values;
}

/** Values by their keys as nested objects: `bind.port` becomes the `port` of `bind`. */
export function nested(values: Iterable<readonly [key: string, value: unknown]>): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const [key, value] of values) {
    const names = key.split(".");
    const last = names.pop() ?? key;
    const parent = names.reduce((outer, name) => {
      outer[name] ??= {};
      return outer[name] as Record<string, unknown>;
    }, all);
    parent[last] = value;
  }
  return all;
}

/** A value in a fault, cut to a readable length. What looks like a key of a cluster is hidden, wherever it stands. */
export function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  const safe = redacted(text);
  return safe.length <= VALUE_CHARS_MAX ? safe : `${safe.slice(0, VALUE_CHARS_MAX)}… (${safe.length} characters)`;
}

/** A text without what looks like a key. */
export function redacted(text: string): string {
  return text.replaceAll(KEY_LIKE, HIDDEN);
}

const VALUE_CHARS_MAX = 120;

/** Base64 of 16, 24 or 32 bytes. */
const KEY_LIKE = /[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{32}(?![A-Za-z0-9+/=])|[A-Za-z0-9+/]{22}==/g;
