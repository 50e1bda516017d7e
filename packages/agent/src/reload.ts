import { LIVE_SETTINGS, presetConfig } from "@hearsay/core";
import type { Cluster, LiveTimingOptions } from "hearsay";
import type { AgentSettings } from "./config/agent-settings.ts";
import type { LogRing } from "./log/log-ring.ts";

type ClusterSettings = AgentSettings["cluster"];

/** What a running node takes of new settings. The others are named in the log. */
const TAKEN: readonly (keyof ClusterSettings)[] = ["timings", "preset", "encryption", "join"];

/**
 * Gives a running node its new keys, targets and timings. The timings change in steps, which go on after this call.
 *
 * @throws HearsayError; then the keys before the refused one have changed, and the timings have not
 */
export async function reloadCluster(
  cluster: Cluster,
  before: ClusterSettings,
  after: ClusterSettings,
  log: LogRing,
): Promise<void> {
  await reloadKeys(cluster, keysOf(before), keysOf(after));
  const added = targetsOf(after).filter((target) => !targetsOf(before).includes(target));
  if (added.length > 0) {
    cluster.join(added, { keep: true }).catch((error: Error) => {
      log.write("WARN", `agent: Join failed: ${error.message}, retrying`);
    });
  }
  const timings = liveTimings(after);
  if (JSON.stringify(timings) !== JSON.stringify(liveTimings(before))) {
    log.write("INFO", "agent: The timings change in steps, by a factor of two at the most every 10 s");
    void cluster.setTimings(timings).then(() => log.write("INFO", "agent: The timings are those of the configuration"));
  }
  for (const key of changedAtStart(before.timings, after.timings)) {
    log.write("WARN", `agent: The new value of timings.${key} takes effect at the next start`);
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof ClusterSettings>) {
    if (TAKEN.includes(key) || JSON.stringify(before[key]) === JSON.stringify(after[key])) continue;
    log.write("WARN", `agent: The new value of ${key} takes effect at the next start`);
  }
}

/** Timings that have another value, and are read at the start only. */
function changedAtStart(before: ClusterSettings["timings"] = {}, after: ClusterSettings["timings"] = {}): string[] {
  const live = LIVE_SETTINGS.map((key) => key.replace(/Ms$/, ""));
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof typeof before>;
  return [...names].filter((name) => !live.includes(name) && before[name] !== after[name]);
}

/** New keys first, then the primary one, then the old ones go, so that the node reads every peer at any time. */
async function reloadKeys(cluster: Cluster, before: readonly string[], after: readonly string[]): Promise<void> {
  const [primary] = after;
  if (primary === undefined || before.join() === after.join()) return;
  const { local } = cluster.keys;
  for (const key of after) await local.add(key);
  await local.use(primary);
  for (const key of before) if (!after.includes(key)) await local.remove(key);
}

/** The keys of the configuration. With a file of keys that file is the truth, and rotation changes it. */
function keysOf({ encryption }: ClusterSettings): readonly string[] {
  if (encryption === undefined || encryption === "off" || encryption.keyFile !== undefined) return [];
  return (encryption.keys ?? []).map(String);
}

function targetsOf({ join = [] }: ClusterSettings): readonly string[] {
  return typeof join === "string" ? [join] : join;
}

/** Every timing that may change, with its default if it isn't given. */
function liveTimings({ preset = "lan", timings = {} }: ClusterSettings): LiveTimingOptions {
  const defaults = presetConfig(preset);
  const isFixed = timings.suspicionTimeout !== undefined && timings.suspicionTimeout !== 0;
  const entries = LIVE_SETTINGS.flatMap((key): [string, unknown][] => {
    const name = key.replace(/Ms$/, "") as keyof LiveTimingOptions;
    const isComputed = name === "suspicionMult" || name === "suspicionMaxTimeoutMult";
    return isFixed && isComputed ? [] : [[name, timings[name] ?? defaults[key]]];
  });
  return Object.fromEntries(entries);
}
