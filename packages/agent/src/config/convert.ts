import { formatDuration } from "hearsay/options";
import { stringify } from "yaml";
import { hostPortText } from "../base/host-port.ts";
import type { AgentSettings } from "./agent-settings.ts";
import { KEY_BYTES } from "./checks.ts";
import { ConfigError } from "./config-error.ts";
import { PROFILES } from "./profiles.ts";
import { faultLine } from "./report.ts";
import { CONFIG_KEYS } from "./schema/keys.ts";
import { readConfigText } from "./serf/read-config.ts";
import type { SerfConfigLayer } from "./serf/serf-config.ts";
import { SETTINGS } from "./serf/setting-table.ts";
import { serfSettings } from "./serf/settings.ts";
import { type ConfigFault, nested } from "./sources/given.ts";
import { type FileSource, readYaml } from "./sources/yaml-file.ts";
import { MODE, OPENGSLB, RAFT_PORT } from "./spellings/opengslb.ts";

/** A configuration in Hearsay's own names. */
export interface Converted {
  /** A YAML document. It holds the keys of the original. */
  readonly document: string;
  /** What the document does not say, a line each. */
  readonly notes: readonly string[];
}

/** Settings of Serf's agent without a counterpart, and why. */
const WITHOUT: Partial<Record<keyof SerfConfigLayer, string>> = {
  interface: "bind has the address that the interface has now",
  retryInterval: "targets to join are tried with growing pauses, for as long as the node runs",
  retryMaxAttempts: "targets to join are tried for as long as the node runs",
  replayOnJoin: "events before a join are not delivered",
  protocol: "there is one protocol",
  startJoin: "its targets are tried for as long as the node runs, and their silence doesn't end the agent",
};

/**
 * Converts a file of Serf's agent, of OpenGSLB or of Longbow.
 *
 * @throws ConfigError if it is none of these, or can't be read
 */
export function convertConfig(text: string, path: string): Converted {
  const source = readYaml(text, path);
  // Of a document that can't be parsed nothing is known.
  if (source.faults.length > 0 && source.given.length === 0 && source.roots.length === 0 && !isSerfs(text)) {
    throw new ConfigError(source.faults.map(noteOf).join("\n"));
  }
  if (source.roots.length > 0) return ofSpelling(source);
  if (isSerfs(text)) return ofSerf(readConfigText(text, path));
  throw new ConfigError("it has no key of OpenGSLB (cluster), Longbow (gossip) or Serf's agent");
}

function ofSpelling({ given, faults, roots }: FileSource): Converted {
  const values = new Map<string, unknown>();
  const isOpenGslb = roots.some(({ spelling }) => spelling === OPENGSLB);
  values.set("profile", isOpenGslb ? "opengslb" : "longbow");
  const notes = faults.map(noteOf);
  for (const { key, value } of given) {
    if (key !== MODE && key !== RAFT_PORT) values.set(key, value);
    if (key === RAFT_PORT && value !== null) notes.push(`Raft's port, ${value}, which is not the gossip's`);
  }
  if (given.some(({ key, value }) => key === MODE && value === "standalone")) values.set("enabled", false);
  return { document: stringify(nested(values)), notes };
}

/** A fault without the list of all that is known, which says nothing of the original. */
function noteOf(fault: ConfigFault): string {
  return faultLine(fault).replace(/; known are .*/s, "");
}

function isSerfs(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    const keys = typeof parsed === "object" && parsed !== null ? Object.keys(parsed) : [];
    return keys.some((key) => SETTINGS.some((setting) => setting.key === key));
  } catch {
    return false;
  }
}

function ofSerf(layer: SerfConfigLayer): Converted {
  const values = new Map<string, unknown>();
  const settings = serfSettings(layer);
  const ofProfile = PROFILES[settings.cluster.preset ?? "lan"].values;
  for (const [key, value] of serfValues(settings, layer)) {
    const row = CONFIG_KEYS.get(key)?.row;
    const written = row?.form.type === "duration" && typeof value === "number" ? formatDuration(value) : value;
    // What a profile sets is written even if it is the default elsewhere.
    if (String(written) !== row?.default || Object.hasOwn(ofProfile, key)) values.set(key, written);
  }
  const { encryption } = settings.cluster;
  const keys = typeof encryption === "object" ? (encryption.keys ?? []) : [];
  if (keys.some((key) => Buffer.from(String(key), "base64").length < KEY_BYTES))
    values.set("compatibility.shortKeys", true);
  const notes = Object.entries(WITHOUT).flatMap(([field, why]) => {
    const setting = SETTINGS.find((one) => one.field === field);
    return Object.hasOwn(layer, field) && setting !== undefined ? [`${setting.key} has no counterpart: ${why}`] : [];
  });
  if (PROFILES[settings.cluster.preset ?? "lan"].needsKey && encryption === "off") {
    notes.push("the profile wan demands a key here: make one with `hearsay keygen`, for all nodes");
  }
  return { document: stringify(nested(values)), notes };
}

/** The keys that an agent of Serf's settings has, with values in milliseconds where they are durations. */
function* serfValues(
  settings: AgentSettings,
  layer: SerfConfigLayer,
): Generator<readonly [key: string, value: unknown]> {
  const { preset, nodeName, encryption, ...cluster } = settings.cluster;
  yield ["profile", preset];
  // Otherwise it is this machine's name, which belongs into no file.
  if (layer.nodeName !== undefined) yield ["nodeName", nodeName];
  if (typeof encryption !== "object") yield ["encryption", encryption];
  else if (encryption.keyFile !== undefined) yield ["encryption.keyFile", encryption.keyFile];
  else yield ["encryption.keys", encryption.keys];
  yield* flattened(cluster, "");
  const { tags, tagsFile, startJoin, retryJoin, eventHandlers, rpc } = settings;
  if (Object.keys(tags).length > 0) yield ["tags", tags];
  if (tagsFile !== null) yield ["tagsFile", tagsFile];
  const targets = [...startJoin, ...retryJoin.targets];
  if (targets.length > 0) yield ["join", targets];
  if (eventHandlers.length > 0) yield ["eventHandlers", eventHandlers];
  yield ["handlerTimeout", settings.handlerTimeoutMs];
  yield ["logLevel", settings.logLevel];
  yield ["leaveOnInterrupt", settings.leaveOnInterrupt];
  yield ["leaveOnTerminate", settings.leaveOnTerminate];
  if (rpc === null) return;
  yield ["rpc.bind", hostPortText(rpc.bind)];
  if (rpc.authKey !== null) yield ["rpc.authKey", rpc.authKey];
  yield ["rpc.connectionsMax", rpc.connectionsMax];
  yield ["rpc.bytesMax", rpc.bytesMax];
  yield ["rpc.handshakeTimeout", rpc.handshakeMs];
}

function* flattened(value: object, prefix: string): Generator<readonly [key: string, value: unknown]> {
  for (const [name, part] of Object.entries(value)) {
    if (typeof part === "object" && part !== null && !Array.isArray(part)) yield* flattened(part, `${prefix}${name}.`);
    else yield [`${prefix}${name}`, part];
  }
}
