import type { OptionFault } from "../base/errors.ts";
import { type Form, HIDDEN, isRecord, type JsonSchema, type Row, type Table } from "./form.ts";
import { nearestName } from "./nearest.ts";

/** The row of an option whose type is `Given`. */
export interface OptionRow<Given, Value> extends Row<Value> {
  readonly form: Form<Given, Value>;
}

/**
 * A row for each option of an interface. The compiler checks that every option has a row, that no other rows exist, and
 * that the type of each row's form is that of its option. Users see the interface, with its comments.
 */
export type Rows<Options, Values extends Record<keyof Options, unknown> = Record<keyof Options, unknown>> = {
  readonly [Key in keyof Options]-?: OptionRow<Required<Options>[Key], Values[Key]>;
};

/** The values that rows read. */
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

/** An option without a default: if absent, its value is null. */
export function optional<Given, Value>(
  form: Form<Given, Value>,
  doc: readonly string[] = [],
  shown = "none",
): OptionRow<Given, Value | null> {
  return { form, fallback: null, isRequired: false, default: shown, doc: doc.join(" ") };
}

/** A part that must be given; its value is null only if it is faulty. */
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
    schema: tableSchema(table),
    read: (given, key, faults) => {
      if (isRecord(given)) return read(table, given, `${key}.`, faults) as Values;
      faults.push({ key, value: given, allowed: "an object" });
      return undefined;
    },
  };
}

/**
 * Reads options by their rows. Faults are added to `faults`; a faulty option gets its default, so that the others are
 * still read.
 */
export function readRows<Of extends Table>(rows: Of, given: unknown, faults: OptionFault[]): ValuesOf<Of> {
  const isObject = isRecord(given);
  if (!isObject) {
    // A key may have been passed here by mistake.
    faults.push({
      key: "options",
      value: given === undefined || given === null ? given : HIDDEN,
      allowed: "an object",
    });
  }
  return read(rows, isObject ? given : {}, "", faults) as ValuesOf<Of>;
}

/** The defaults of all rows. */
export function defaultsOf<Options, Values extends Record<keyof Options, unknown>>(
  rows: Rows<Options, Values>,
): Values {
  return read(tableOf(rows), {}, "", []) as Values;
}

/** Splits values in two: those that `rows` names, and the others. */
export function divided<Values extends object, Key extends keyof Values>(
  values: Values,
  rows: Readonly<Record<Key, unknown>>,
): [Pick<Values, Key>, Omit<Values, Key>] {
  const entries = Object.entries(values);
  const part = (isOfRows: boolean): object =>
    Object.fromEntries(entries.filter(([name]) => Object.hasOwn(rows, name) === isOfRows));
  return [part(true) as Pick<Values, Key>, part(false) as Omit<Values, Key>];
}

/** Whether an object has an own property, even if undefined. */
export function has(record: unknown, key: string): boolean {
  return isRecord(record) && Object.hasOwn(record, key);
}

/** An object's own property: a prototype may have been tampered with. */
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
 * Whether an object inherits an option from a class or another prototype. It is refused: an option that is intended but
 * not read could widen a call. Properties of `Object.prototype` are no options.
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
    // The value is hidden: it may be a key under a mistyped name.
    faults.push({ key: `${prefix}${key}`, value: HIDDEN, allowed: `nothing, as there is no such option; ${hint}` });
  }
}

/** The schema of an object with these rows. Those that no document can hold are left out. */
export function tableSchema(table: Table): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, { form, doc, isRequired, default: fallback }] of Object.entries(table)) {
    if (form.schema === undefined) continue;
    const description = [doc, `Default: ${fallback}.`].filter((part) => part !== "").join(" ");
    properties[name] = { ...form.schema, description };
    if (isRequired) required.push(name);
  }
  return { type: "object", properties, additionalProperties: false, ...(required.length > 0 ? { required } : {}) };
}

/** The rows without the types of their options. */
function tableOf(rows: object): Table {
  return rows as Table;
}
