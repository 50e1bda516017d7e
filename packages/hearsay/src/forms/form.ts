import type { OptionFault } from "../base/errors.ts";

/** Stands in a fault for a value that may hold a key. */
export const HIDDEN = "(hidden)";

/** How a value that the application gave is checked, and what the documentation says of it. */
export interface Check<Value> {
  /** What kind of value it is, in a word or two. */
  readonly type: string;
  readonly unit?: string;
  /** Which values of that kind may stand there. */
  readonly bounds: string;
  /** The rows of its parts, if it has any. */
  readonly parts?: Table;
  /**
   * Whether `undefined`, where it is written out, is read like any value, and so refused. Otherwise it is as good as nothing.
   */
  readonly readsUndefined?: true;
  /** A value as the documentation shows it. @defaultValue by `String` */
  show?(value: Value): string;
  /** The checked value; undefined for one that can't stand, and then `faults` has got what is wrong with it. */
  read(given: unknown, key: string, faults: OptionFault[]): Value | undefined;
}

/** A check that is tied to a type: `Given` is what the application's compiler lets it give. */
export interface Form<Given, Value = Given> extends Check<Value> {
  /** Never there. A parameter and a result, so that the compiler refuses a wider `Given` as well as a narrower one. */
  readonly given?: (given: Given) => Given;
}

/** One option: its form and its default. */
export interface Row<Value> {
  readonly form: Check<Value>;
  readonly fallback: Value;
  /** Whether the form reads `undefined` also where nothing is given. */
  readonly isRequired: boolean;
  /** The default as a reader of the documentation sees it. */
  readonly default: string;
  /** What it does, and what one trades by changing it. */
  readonly doc: string;
}

/** Options by their names, in the order of the documentation. */
export type Table = Readonly<Record<string, Row<unknown>>>;

/** A form of values that are right or wrong as a whole. `check` gives undefined for a wrong one. */
export function form<Given, Value = Given>(
  about: Pick<Check<Value>, "type" | "unit" | "bounds">,
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

/** The same form, of which `make` makes another value. */
export function mapped<Given, Value, Made>(
  { type, unit, bounds, parts, readsUndefined, read }: Form<Given, Value>,
  make: (value: Value) => Made,
): Form<Given, Made> {
  return {
    type,
    bounds,
    ...(unit === undefined ? {} : { unit }),
    ...(parts === undefined ? {} : { parts }),
    ...(readsUndefined === undefined ? {} : { readsUndefined }),
    read: (given, key, faults) => {
      const value = read(given, key, faults);
      return value === undefined ? undefined : make(value);
    },
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
