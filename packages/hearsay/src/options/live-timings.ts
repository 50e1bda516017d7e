import { LIVE_SETTINGS, SETTINGS, type SwimConfig } from "@hearsay/core";
import { configError, type OptionFault } from "../base/errors.ts";
import type { TimingOptions } from "./cluster-options.ts";
import { keepToOneSuspicion } from "./relations.ts";
import { settingName, timingsForm } from "./setting-rows.ts";

/** Timings that may change while a node runs. The others are read at its start. */
export type LiveTimingOptions = Pick<
  TimingOptions,
  | "probeInterval"
  | "probeTimeout"
  | "indirectChecks"
  | "suspicionMult"
  | "suspicionMaxTimeoutMult"
  | "suspicionTimeout"
  | "gossipInterval"
  | "gossipNodes"
  | "gossipToTheDead"
  | "retransmitMult"
  | "pushPullInterval"
>;

/** Ticks that are either switched on or off for as long as the node runs. */
const TICKS = ["probeIntervalMs", "gossipIntervalMs", "pushPullIntervalMs"] as const;

/**
 * Checks timings that a running node is to take, whose values are `current`.
 *
 * @throws HearsayError `ERR_CONFIG`
 */
export function readLiveTimings(given: unknown, current: SwimConfig, call: string): Partial<SwimConfig> {
  const faults: OptionFault[] = [];
  const wanted = timingsForm.read(given, "timings", faults) ?? {};
  for (const { key } of SETTINGS) {
    const value = wanted[key];
    if (value === undefined || value === current[key] || LIVE_SETTINGS.includes(key)) continue;
    faults.push({ key: optionOf(key), value, allowed: `${current[key]}, as it is read at the start only` });
  }
  for (const key of TICKS) {
    const value = wanted[key];
    if (value === undefined || (value === 0) === (current[key] === 0)) continue;
    const allowed = current[key] === 0 ? "0, as it is switched off since the start" : "more than 0 while the node runs";
    faults.push({ key: optionOf(key), value, allowed });
  }
  keepToOneSuspicion(wanted, faults);
  if (faults.length > 0) throw configError(faults, call);
  return wanted;
}

function optionOf(key: keyof SwimConfig): string {
  return `timings.${settingName(key)}`;
}
