import { isIP } from "node:net";
import { type Preset, resolveConfig, SETTINGS, type SwimConfig } from "@hearsay/core";
import { DURATION_FORM, formatDuration, parseDuration } from "../base/durations.ts";
import { configError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { HostPort, JoinTarget } from "../discovery/targets.ts";
import type { Transport } from "../transport/transport.ts";
import type { Cidr } from "./cidr.ts";
import type { ClusterOptions, Flavour } from "./cluster-options.ts";
import { metaBytes } from "./meta.ts";
import { type ParsedEncryption, readEncryption } from "./read-encryption.ts";
import { type Advertised, isLoopback, readAdvertise, readBind, readCidrs, readJoin } from "./read-network.ts";
import { type ParsedSerf, readSerf } from "./read-serf.ts";
import { isRecord, OptionReader } from "./reader.ts";
import { optionRow, timingName } from "./table.ts";

/** Options after all checks, with every default in its place. */
export interface ParsedOptions {
  readonly cluster: string | null;
  /** Null: host name and port, which is known once bound. */
  readonly nodeName: string | null;
  /** Bytes of the label; none means no label. */
  readonly label: Uint8Array;
  readonly skipInboundLabelCheck: boolean;
  readonly meta: Uint8Array;
  readonly bind: HostPort;
  readonly advertise: Advertised | null;
  readonly join: readonly JoinTarget[];
  readonly addressFamily: "any" | "ipv4" | "ipv6";
  /** Null: all. */
  readonly allowedCidrs: readonly Cidr[] | null;
  /** Nothing was said of encryption: nothing may leave the machine. */
  readonly staysLocal: boolean;
  /** Null: no encryption, and either loopback only or wanted so. */
  readonly encryption: ParsedEncryption | null;
  readonly preset: Preset;
  readonly flavour: Flavour;
  /** Null in the flavour `memberlist`. */
  readonly serf: ParsedSerf | null;
  readonly extensions: "none" | "all";
  readonly protocolVersion: number;
  readonly compression: boolean;
  readonly packetBytes: number;
  readonly timings: SwimConfig;
  readonly logger: Logger | null;
  readonly metricsPrefix: string;
  readonly limits: {
    readonly changesMax: number;
    readonly messagesMax: number;
    readonly inboundConnectionsMax: number;
    readonly streamBytesMax: number;
  };
  readonly handlerTimeoutMs: number;
  readonly transport: Transport | null;
}

const META_BYTES_MAX = 512;
const LABEL_BYTES_MAX = 255;
const NAME_BYTES_MAX = 255;

/**
 * Checks everything that `createCluster` was told and fills in the defaults.
 *
 * @throws HearsayError `ERR_CONFIG` with every fault, of which none shows a key.
 */
export function parseOptions(input: ClusterOptions): ParsedOptions {
  const reader = new OptionReader(input);
  const encryption = readEncryption(reader);
  const transport = readTransport(reader);
  const bind = readBind(reader, encryption !== null && encryption !== "off");
  const join = readJoin(reader, bind.port);
  const staysLocal = encryption === null && transport === null && !reader.has("encryption");
  if (staysLocal) keepToLoopback(reader, bind, join);
  const cluster = reader.text("cluster", 1, NAME_BYTES_MAX);
  const preset = reader.choice("preset", ["lan", "wan", "local"]);
  const flavour = reader.choice("flavour", ["hearsay", "serf", "memberlist"]);
  reader.group("metrics");
  reader.group("limits");
  const parsed: ParsedOptions = {
    cluster,
    nodeName: reader.text("nodeName", 1, NAME_BYTES_MAX),
    label: Uint8Array.from(Buffer.from(reader.text("label", 0, LABEL_BYTES_MAX) ?? defaultLabel(flavour, cluster))),
    skipInboundLabelCheck: reader.boolean("skipInboundLabelCheck"),
    meta: flavour === "memberlist" ? readMeta(reader) : new Uint8Array(0),
    bind,
    advertise: readAdvertise(reader),
    join,
    addressFamily: reader.choice("addressFamily", ["any", "ipv4", "ipv6"]),
    allowedCidrs: readCidrs(reader),
    staysLocal,
    encryption: encryption === "off" ? null : encryption,
    preset,
    flavour,
    serf: readSerf(reader, flavour),
    extensions: readExtensions(reader, flavour),
    protocolVersion: reader.integer("protocolVersion"),
    compression: reader.boolean("compression"),
    packetBytes: reader.integer("packetBytes"),
    timings: readTimings(reader, preset),
    logger: readLogger(reader),
    metricsPrefix: readPrefix(reader),
    limits: {
      changesMax: reader.integer("limits.changesMax"),
      messagesMax: reader.integer("limits.messagesMax"),
      inboundConnectionsMax: reader.integer("limits.inboundConnectionsMax"),
      streamBytesMax: reader.integer("limits.streamBytesMax"),
    },
    handlerTimeoutMs: reader.duration("handlerTimeout"),
    transport,
  };
  if (reader.faults.length > 0) throw configError(reader.faults);
  return parsed;
}

/** Older peers of the other two flavours don't know labels. */
function defaultLabel(flavour: Flavour, cluster: string | null): string {
  return flavour === "hearsay" ? (cluster ?? "") : "";
}

function readExtensions(reader: OptionReader, flavour: Flavour): "none" | "all" {
  const fallback = flavour === "hearsay" ? "all" : "none";
  const value = reader.value("extensions");
  if (value === undefined) return fallback;
  if (flavour === "memberlist" && (value === "none" || value === "all")) return value;
  const allowed = flavour === "memberlist" ? '"none" or "all"' : `"${fallback}" in the flavour "${flavour}"`;
  if (value !== fallback) reader.fault("extensions", value, allowed);
  return fallback;
}

/** What a node without encryption may bind. */
export function loopbackOnly(): string {
  return 'a loopback address, as there is no encryption; give encryption.keys, or write encryption: "off"';
}

/** Without keys, and without a word that none are wanted, nothing leaves the machine. */
function keepToLoopback(reader: OptionReader, bind: HostPort, join: readonly JoinTarget[]): void {
  const remedy = 'give encryption.keys, or write encryption: "off"';
  if (isIP(bind.host) !== 0 && !isLoopback(bind.host)) {
    reader.fault("bind", bind.host, loopbackOnly());
    return;
  }
  for (const { host, text } of join) {
    // Names are left alone: where they lead isn't known yet. Once it is, joining checks it.
    const isForeign = /^[\d.]+$|:/.test(host) && !isLoopback(host);
    if (isForeign) reader.fault("join", text, `loopback addresses, as there is no encryption; ${remedy}`);
  }
}

function readTimings(reader: OptionReader, preset: Preset): SwimConfig {
  reader.group("timings");
  const overrides: Partial<Record<keyof SwimConfig, number>> = {};
  for (const setting of SETTINGS) {
    const name = `timings.${timingName(setting)}`;
    const value = reader.value(name);
    if (value === undefined) continue;
    const isDuration = setting.unit === "ms";
    const number = isDuration ? parseDuration(value) : value;
    const isWhole = setting.unit !== "count" || Number.isInteger(number);
    if (typeof number === "number" && isWhole && number >= setting.min && number <= setting.max) {
      overrides[setting.key] = number;
    } else if (isDuration) {
      const range = `${formatDuration(setting.min)} to ${formatDuration(setting.max)}`;
      reader.fault(name, value, `a duration from ${range}: ${DURATION_FORM}`);
    } else {
      const kind = setting.unit === "count" ? "a whole number" : "a number";
      reader.fault(name, value, `${kind} from ${setting.min} to ${setting.max}`);
    }
  }
  const config = resolveConfig(preset, overrides);
  if (!("length" in config)) return config;
  for (const { key, value, allowed } of config) reader.fault(`timings.${key}`, value, allowed);
  return readTimings(new OptionReader({}), preset);
}

function readMeta(reader: OptionReader): Uint8Array {
  const value = reader.value("meta");
  if (value === undefined) return new Uint8Array(0);
  const bytes = metaBytes(value);
  if (bytes === null) reader.fault("meta", value, `text or a Uint8Array of up to ${META_BYTES_MAX} bytes`);
  else if (bytes.length <= META_BYTES_MAX) return bytes;
  else reader.fault("meta", `${bytes.length} bytes`, `up to ${META_BYTES_MAX} bytes`);
  return new Uint8Array(0);
}

function readPrefix(reader: OptionReader): string {
  const value = reader.value("metrics.prefix");
  if (value === undefined) return optionRow("metrics.prefix").default;
  if (typeof value === "string" && /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(value)) return value;
  reader.fault("metrics.prefix", value, "up to 64 letters, digits and _, not with a digit first");
  return "hearsay";
}

function readLogger(reader: OptionReader): Logger | null {
  const value = reader.value("logger");
  if (value === undefined) return null;
  if (isLogger(value)) return value;
  reader.fault("logger", value, "an object with the methods debug, info, warn and error");
  return null;
}

function readTransport(reader: OptionReader): Transport | null {
  const value = reader.value("transport");
  if (value === undefined) return null;
  if (isTransport(value)) return value;
  reader.fault("transport", value, "an object with the methods open, send, connect and close");
  return null;
}

function isLogger(value: unknown): value is Logger {
  return hasMethods(value, ["debug", "info", "warn", "error"]);
}

function isTransport(value: unknown): value is Transport {
  return hasMethods(value, ["open", "send", "connect", "close"]);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return isRecord(value) && names.every((name) => typeof value[name] === "function");
}
