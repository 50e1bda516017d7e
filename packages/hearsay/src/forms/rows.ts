import type { OptionFault } from "../base/errors.ts";
import { type Form, HIDDEN, isRecord, type Row, type Table } from "./form.ts";
import { nearestName } from "./nearest.ts";

/** The row of an option whose type is `Given`. */
export interface OptionRow<Given, Value> extends Row<Value> {
  readonly form: Form<Given, Value>;
}

/**
 * A row for each option of an interface: the compiler misses those without a row, refuses strangers, and holds the type of
 * each row's form to that of its option. The interface stays what users see, with its comments.
 */
export type Rows<Options, Values extends Record<keyof Options, unknown> = Record<keyof Options, unknown>> = {
  readonly [Key in keyof Options]-?: OptionRow<Required<Options>[Key], Values[Key]>;
};

/** What is read by rows. */
export type ValuesOf<Of extends Table> = { readonly [Key in keyof Of]: Of[Key]["fallback"] };

/** An option with a default. `shown` is the default in the documentation's words. */
export function option<Given, Value>(
  form: Form<Given, Value>,
  fallback: NoInfer<Value>,
  doc: readonly string[] = [],
  shown: string = form.show?.(fallback) ?? String(fallback),
): OptionRow<Given, Value> {
  return { form, fallback, isRequired: false, default: shown, doc: doc.join(" ") };
}

/** An option whose absence means something of its own, or leaves the choice to others: then its value is null. */
export function optional<Given, Value>(
  form: Form<Given, Value>,
  doc: readonly string[] = [],
  shown = "none",
): OptionRow<Given, Value | null> {
  return { form, fallback: null, isRequired: false, default: shown, doc: doc.join(" ") };
}

/** A part that must be given; null only if it is faulty. */
export function required<Given, Value>(
  form: Form<Given, Value>,
  doc: readonly string[] = [],
): OptionRow<Given, Value | null> {
  return { form, fallback: null, isRequired: true, default: "none", doc: doc.join(" ") };
}

/** Options with parts, all of which have defaults. */
export function parts<Options, Values extends Record<keyof Options, unknown>>(
  rows: Rows<Options, Values>,
  doc: readonly string[] = [],
  shown = "see its parts",
): OptionRow<Options, Values> {
  return option(group(rows), defaultsOf(rows), doc, shown);
}

/** The form of an object with parts. */
export interface Group<Given, Value> extends Form<Given, Value> {
  readonly parts: Table;
}

/** An object with these parts and no others. */
export function group<Options, Values extends Record<keyof Options, unknown>>(
  rows: Rows<Options, Values>,
): Group<Options, Values> {
  const table = tableOf(rows);
  return {
    type: "the parts",
    bounds: "see its parts",
    parts: table,
    read: (given, key, faults) => {
      if (isRecord(given)) return read(table, given, `${key}.`, faults) as Values;
      faults.push({ key, value: given, allowed: "an object" });
      return undefined;
    },
  };
}

/**
 * Reads options by their rows. What is faulty goes to `faults`, and has its default in what is returned, so that the others
 * are read, too.
 */
export function readRows<Of extends Table>(rows: Of, given: unknown, faults: OptionFault[]): ValuesOf<Of> {
  const isObject = isRecord(given);
  if (!isObject) {
    // Anything may have been given here by mistake, also a key.
    faults.push({
      key: "options",
      value: given === undefined || given === null ? given : HIDDEN,
      allowed: "an object",
    });
  }
  return read(rows, isObject ? given : {}, "", faults) as ValuesOf<Of>;
}

/** What reading nothing gives. */
export function defaultsOf<Options, Values extends Record<keyof Options, unknown>>(
  rows: Rows<Options, Values>,
): Values {
  return read(tableOf(rows), {}, "", []) as Values;
}

/** Values in two parts: those of some rows, and the others. */
export function divided<Values extends object, Key extends keyof Values>(
  values: Values,
  rows: Readonly<Record<Key, unknown>>,
): [Pick<Values, Key>, Omit<Values, Key>] {
  const entries = Object.entries(values);
  const part = (isOfRows: boolean): object =>
    Object.fromEntries(entries.filter(([name]) => Object.hasOwn(rows, name) === isOfRows));
  return [part(true) as Pick<Values, Key>, part(false) as Omit<Values, Key>];
}

/** Whether an object has a property of its own, be it undefined. */
export function has(record: unknown, key: string): boolean {
  return isRecord(record) && Object.hasOwn(record, key);
}

/** A property of an object's own, lest something be read from a prototype that was tampered with. */
export function own(record: unknown, key: string): unknown {
  return isRecord(record) && Object.hasOwn(record, key) ? record[key] : undefined;
}

function read(
  table: Table,
  given: Readonly<Record<string, unknown>>,
  prefix: string,
  faults: OptionFault[],
): Readonly<Record<string, unknown>> {
  refuseUnknown(table, given, prefix, faults);
  const values: Record<string, unknown> = {};
  for (const [name, { form, fallback, isRequired }] of Object.entries(table)) {
    if (isInherited(given, name)) {
      const allowed = "a property of the object itself: what it inherits isn't read";
      faults.push({ key: `${prefix}${name}`, value: HIDDEN, allowed });
    }
    const value = own(given, name);
    const isGiven = value !== undefined || isRequired || (form.readsUndefined === true && has(given, name));
    const checked = isGiven ? form.read(value, `${prefix}${name}`, faults) : undefined;
    values[name] = checked === undefined ? fallback : checked;
  }
  return values;
}

/**
 * Whether an object gives an option by its class or another prototype. It is refused, since an option that was meant and isn't
 * read makes a call wider than it was meant. What every object inherits is nobody's option.
 */
function isInherited(given: Readonly<Record<string, unknown>>, name: string): boolean {
  return !Object.hasOwn(given, name) && name in given && !(name in Object.prototype);
}

function refuseUnknown(
  table: Table,
  given: Readonly<Record<string, unknown>>,
  prefix: string,
  faults: OptionFault[],
): void {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(table, key)) continue;
    const known = Object.keys(table);
    const nearest = nearestName(key, known);
    const hint = nearest === null ? `known are ${known.join(", ")}` : `did you mean ${prefix}${nearest}?`;
    // The value isn't shown: it could be a key under a mistyped name.
    faults.push({ key: `${prefix}${key}`, value: HIDDEN, allowed: `nothing, as there is no such option; ${hint}` });
  }
}

/** Rows without the types of their options. */
function tableOf(rows: object): Table {
  return rows as Table;
}
