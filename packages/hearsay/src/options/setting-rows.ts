import { SETTINGS, type SwimConfig, type Setting as SwimSetting } from "@hearsay/core";
import { SERF_SETTINGS, type SerfConfig, type SerfSetting } from "@hearsay/core/serf";
import { formatDuration } from "../base/durations.ts";
import { type Check, type Form, mapped } from "../forms/form.ts";
import { duration, flag, fraction, integer } from "../forms/plain-forms.ts";
import { group, type OptionRow, option, optional, type Rows } from "../forms/rows.ts";
import type { SerfTuning, TimingOptions } from "./cluster-options.ts";

/** Intervals, timeouts and counts of the protocol that are given. */
export const timingsForm: Form<TimingOptions, Partial<SwimConfig>> = mapped(
  group(
    settingRows<SwimSetting, TimingOptions>(SETTINGS, ({ unit, lan, wan, local }) => {
      const others = lan === wan && lan === local ? "" : ` (wan ${show(unit, wan)}, local ${show(unit, local)})`;
      return `${show(unit, lan)}${others}`;
    }),
  ),
  (values) => givenOf(SETTINGS, values),
);

/** Settings of Serf that are not numbers, and so are not in the core's table. */
type SerfSwitch = "conflictVote" | "coordinates";

type SerfNumbers = Omit<SerfTuning, SerfSwitch>;

const TUNING: Rows<SerfTuning, NumbersOf<SerfNumbers> & Readonly<Record<SerfSwitch, boolean>>> = {
  ...settingRows<SerfSetting, SerfNumbers>(SERF_SETTINGS, (setting) => show(setting.unit, setting.default)),
  conflictVote: option(flag, true, [
    "Whether the other members decide who keeps this node's name when two nodes claim it. A node that loses the vote",
    "fails.",
  ]),
  coordinates: option(flag, true, ["Whether to measure network coordinates, which adds 130 bytes to each ack."]),
};

/** Times and limits of Serf's protocol that are given. */
export const serfForm: Form<SerfTuning, Partial<SerfConfig>> = mapped(group(TUNING), (values) => ({
  ...givenOf(SERF_SETTINGS, values),
  conflictVote: values.conflictVote,
  coordinates: values.coordinates,
}));

/** A row of one of the core's tables of settings. */
interface Setting {
  readonly key: string;
  readonly unit: "ms" | "count" | "bytes" | "per second";
  readonly min: number;
  readonly max: number;
  readonly tradeOff: string;
}

type NumbersOf<Options> = { readonly [Key in keyof Options]-?: number | null };

/**
 * Rows of options for one of the core's tables. Their names are computed, so the compiler can't check that they match
 * `Options`, which is derived from the same names.
 */
function settingRows<Of extends Setting, Options>(
  settings: readonly Of[],
  fallback: (setting: Of) => string,
): Rows<Options, NumbersOf<Options>> {
  const rows: Record<string, OptionRow<unknown, number | null>> = {};
  for (const setting of settings)
    rows[settingName(setting.key)] = optional(formOf(setting), [setting.tradeOff], fallback(setting));
  return rows as Rows<Options, NumbersOf<Options>>;
}

/** `reconnectTimeout` for the core's `reconnectTimeoutMs`, since the option takes any duration. */
export function settingName(key: string): string {
  return key.replace(/Ms$/, "");
}

function formOf({ unit, min, max }: Setting): Check<number> {
  if (unit === "ms") return duration(min, max);
  return unit === "per second" ? fraction(min, max, unit) : integer(min, max, unit);
}

/** The given settings of a table, under the core's names. */
function givenOf<Key extends string>(
  settings: readonly (Setting & { readonly key: Key })[],
  values: Readonly<Record<string, number | boolean | null>>,
): Partial<Record<Key, number>> {
  const given: Partial<Record<Key, number>> = {};
  for (const setting of settings) {
    const value = values[settingName(setting.key)];
    if (typeof value === "number") given[setting.key] = value;
  }
  return given;
}

function show(unit: Setting["unit"], value: number): string {
  return unit === "ms" ? formatDuration(value) : String(value);
}
