import type { OptionFault } from "../base/errors.ts";

/** Replaces a value that may hold a key in a fault. */
export const HIDDEN = "(hidden)";

/** A JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** How a value from the application is checked, and how the documentation describes it. */
export interface Check<Value> {
  /** The kind of value, in a word or two. */
  readonly type: string;
  readonly unit?: string;
  /** Which values of that kind are allowed. */
  readonly bounds: string;
  /**
   * What a document or another text may hold for it. It allows no less than `read` does, and durations only as text.
   * Absent: nothing that a document can hold.
   */
  readonly schema?: JsonSchema;
  /** Whether its values must not be shown. */
  readonly isSecret?: true;
  /** The rows of its parts, if any. */
  readonly parts?: Table;
  /** Whether an explicit `undefined` is read like any value, and so refused. Otherwise it counts as absent. */
  readonly readsUndefined?: true;
  /** Formats a value for the documentation. @defaultValue by `String` */
  show?(value: Value): string;
  /** The checked value; undefined if it is wrong, with the reason added to `faults`. */
  read(given: unknown, key: string, faults: OptionFault[]): Value | undefined;
}

/** A check that is tied to a type: `Given` is the type that the application may pass. */
export interface Form<Given, Value = Given> extends Check<Value> {
  /** Never set. `Given` is both parameter and result, so that the compiler refuses a wider type and a narrower one. */
  readonly given?: (given: Given) => Given;
}

/** One option: its form and its default. */
export interface Row<Value> {
  readonly form: Check<Value>;
  readonly fallback: Value;
  /** Whether an absent value is read as `undefined`. */
  readonly isRequired: boolean;
  /** The default, as the documentation shows it. */
  readonly default: string;
  /** What the option does, and its trade-off. */
  readonly doc: string;
}

/** Options by name, in the order of the documentation. */
export type Table = Readonly<Record<string, Row<unknown>>>;

/** A form for values that are right or wrong as a whole. `check` returns undefined for a wrong one. */
export function form<Given, Value = Given>(
  about: Pick<Check<Value>, "type" | "unit" | "bounds" | "schema">,
  allowed: string,
  check: (given: unknown) => Value | undefined,
): Form<Given, Value> {
  return {
    ...about,
    read: (given, key, faults) => {
      const value = check(given);
      if (value === undefined) faults.push({ key, value: given, allowed });
      return value;
    },
  };
}

/** The same form, whose value `make` converts. */
export function mapped<Given, Value, Made>(
  { show: _, given: __, read, ...about }: Form<Given, Value>,
  make: (value: Value) => Made,
): Form<Given, Made> {
  return {
    ...about,
    read: (given, key, faults) => {
      const value = read(given, key, faults);
      return value === undefined ? undefined : make(value);
    },
  };
}

/** The same form for values that must not be shown: its faults hide them. */
export function hidden<Given, Value>(open: Form<Given, Value>): Form<Given, Value> {
  return {
    ...open,
    isSecret: true,
    read: (given, key, faults) => {
      const own: OptionFault[] = [];
      const value = open.read(given, key, own);
      for (const fault of own) faults.push({ ...fault, value: HIDDEN });
      return value;
    },
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
