import { LIVE_SETTINGS, presetConfig, SETTINGS } from "@hearsay/core";
import type { Cluster, EncryptionOptions, LiveTimingOptions } from "hearsay";
import { settingName } from "hearsay/options";
import type { AgentSettings } from "./config/agent-settings.ts";
import type { LogRing } from "./log/log-ring.ts";

type ClusterSettings = AgentSettings["cluster"];

/** Settings of the node of which a running one takes all or a part. */
const TAKEN: readonly (keyof ClusterSettings)[] = ["timings", "preset", "encryption", "join"];

/** Settings of the agent that are read at its start only, with the names of their keys. */
const AT_START: readonly (readonly [keyof AgentSettings, string])[] = [
  ["rpc", "rpc"],
  ["leaveOnInterrupt", "leaveOnInterrupt"],
  ["leaveOnTerminate", "leaveOnTerminate"],
  ["handlerTimeoutMs", "handlerTimeout"],
];

/** Checks what a running node would take of new settings. @throws HearsayError `ERR_CONFIG` */
export function checkReload(cluster: Cluster, after: AgentSettings): void {
  cluster.checkTimings(liveTimings(after.cluster));
}

/**
 * Gives a running node its new keys, targets and timings; the log names what takes effect with the next start only. The
 * timings change in steps, which go on after this call.
 *
 * @throws HearsayError of a key; then the keys before it have changed, and nothing else has
 */
export async function reloadCluster(
  cluster: Cluster,
  before: AgentSettings,
  after: AgentSettings,
  log: LogRing,
): Promise<void> {
  if (cluster.keys.local.isEnabled) await reloadKeys(cluster, keysOf(before.cluster), keysOf(after.cluster));
  const [targetsBefore, targets] = [targetsOf(before.cluster), targetsOf(after.cluster)];
  const added = targets.filter((target) => !targetsBefore.includes(target));
  if (added.length > 0) {
    cluster.join(added, { keep: true }).catch((error: Error) => {
      log.write("WARN", `agent: Join failed: ${error.message}, retrying`);
    });
  }
  const timings = liveTimings(after.cluster);
  if (!isSame(timings, liveTimings(before.cluster))) {
    log.write("INFO", "agent: The timings change in steps, by a factor of two at the most every 10 s");
    cluster.setTimings(timings).then(
      () => log.write("INFO", "agent: The timings are those of the configuration"),
      // They have been checked, so the node has ended meanwhile.
      (error: Error) => log.write("WARN", `agent: The timings have not changed: ${error.message}`),
    );
  }
  for (const name of waiting(before, after)) {
    log.write("WARN", `agent: The new value of ${name} takes effect at the next start`);
  }
}

/** Keys whose new value a running agent does not take. */
function waiting(before: AgentSettings, after: AgentSettings): string[] {
  const [old, next] = [before.cluster, after.cluster];
  const names = new Set([...Object.keys(old), ...Object.keys(next)]) as Set<keyof ClusterSettings>;
  // Added targets have been joined; the node goes on trying those that are gone.
  const removed = targetsOf(old).some((target) => !targetsOf(next).includes(target));
  return [
    ...AT_START.flatMap(([field, key]) => (isSame(before[field], after[field]) ? [] : [key])),
    ...[...names].filter((name) => !TAKEN.includes(name) && !isSame(old[name], next[name])),
    ...startTimings(old, next),
    ...(isSame(sealingOf(old), sealingOf(next)) ? [] : ["encryption"]),
    ...(removed ? ["join"] : []),
  ];
}

/** New keys first, then the primary one, then the old ones go, so that the node reads every peer at any time. */
async function reloadKeys(cluster: Cluster, before: readonly string[], after: readonly string[]): Promise<void> {
  const [primary] = after;
  if (primary === undefined || isSame(before, after)) return;
  const { local } = cluster.keys;
  for (const key of after) await local.add(key);
  await local.use(primary);
  for (const key of before) if (!after.includes(key)) await local.remove(key);
}

/** The keys of the configuration. With a file of keys that file is the truth, and rotation changes it. */
function keysOf({ encryption }: ClusterSettings): readonly string[] {
  if (!isSealing(encryption) || encryption.keyFile !== undefined) return [];
  // However a key is written, it is one key.
  return (encryption.keys ?? []).map((key) => Buffer.from(String(key), "base64").toString("base64"));
}

/** How the traffic is sealed, besides the keys themselves. */
function sealingOf({ encryption }: ClusterSettings): unknown {
  if (!isSealing(encryption)) return "off";
  const { keyFile, verifyIncoming = true, verifyOutgoing = true } = encryption;
  return { keyFile, verifyIncoming, verifyOutgoing };
}

function isSealing(encryption: ClusterSettings["encryption"]): encryption is EncryptionOptions {
  return typeof encryption === "object";
}

function targetsOf({ join = [] }: ClusterSettings): readonly string[] {
  return typeof join === "string" ? [join] : join;
}

/** Every timing that may change, with its default if it isn't given. */
function liveTimings({ preset = "lan", timings = {} }: ClusterSettings): LiveTimingOptions {
  const defaults = presetConfig(preset);
  const isFixed = timings.suspicionTimeout !== undefined && timings.suspicionTimeout !== 0;
  const entries = LIVE_SETTINGS.flatMap((key): [string, unknown][] => {
    const name = settingName(key) as keyof LiveTimingOptions;
    const isComputed = name === "suspicionMult" || name === "suspicionMaxTimeoutMult";
    return isFixed && isComputed ? [] : [[name, timings[name] ?? defaults[key]]];
  });
  return Object.fromEntries(entries);
}

/** The other timings that have another value now, given or by the preset. */
function startTimings(before: ClusterSettings, after: ClusterSettings): string[] {
  return SETTINGS.flatMap(({ key }) => {
    const name = settingName(key) as keyof NonNullable<ClusterSettings["timings"]>;
    const valueIn = ({ preset = "lan", timings = {} }: ClusterSettings): unknown =>
      timings[name] ?? presetConfig(preset)[key];
    return LIVE_SETTINGS.includes(key) || valueIn(before) === valueIn(after) ? [] : [`timings.${name}`];
  });
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
