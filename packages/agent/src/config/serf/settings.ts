import { readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import type { EncryptionOptions, Endpoint } from "hearsay";
import { messageOf } from "../../base/message-of.ts";
import type { AgentSettings } from "../agent-settings.ts";
import { ConfigError } from "../config-error.ts";
import { mergeSerfConfig, type SerfAgentConfig, type SerfConfigLayer } from "./serf-config.ts";

/** The gossip port if none is given, and that of the RPC. */
const GOSSIP_PORT = 7946;
const RPC_PORT = 7373;

/** The settings of an agent that is configured as Serf's: the layers over Serf's defaults. @throws ConfigError */
export function serfSettings(...layers: readonly SerfConfigLayer[]): AgentSettings {
  const config = mergeSerfConfig(layers);
  if (config.encryptKey !== null && config.keyringFile !== null) {
    throw new ConfigError("encrypt_key and keyring_file can't be used together");
  }
  return {
    cluster: clusterOptions(config),
    reloadsCluster: false,
    profile: config.profile,
    tags: config.tags,
    tagsFile: config.tagsFile,
    startJoin: config.startJoin,
    retryJoin: {
      targets: config.retryJoin,
      intervalMs: config.retryInterval,
      attemptsMax: config.retryMaxAttempts,
    },
    replayOnJoin: config.replayOnJoin,
    eventHandlers: config.eventHandlers,
    handlerTimeoutMs: config.handlerTimeout,
    logLevel: config.logLevel,
    leaveOnInterrupt: !config.skipLeaveOnInterrupt,
    leaveOnTerminate: config.leaveOnTerminate,
    rpc: {
      bind: endpoint(config.rpcAddr, "rpc_addr", RPC_PORT),
      authKey: config.rpcAuth,
      connectionsMax: config.rpcConnectionsMax,
      bytesMax: config.rpcBytesMax,
      handshakeMs: config.rpcHandshakeTimeout,
    },
  };
}

function clusterOptions(config: SerfAgentConfig): AgentSettings["cluster"] {
  const encryption = encryptionOf(config);
  return {
    nodeName: config.nodeName ?? hostname(),
    bind: bindOf(config, encryption !== "off"),
    ...(config.advertise === null ? {} : { advertise: endpoint(config.advertise, "advertise") }),
    encryption,
    preset: config.profile,
    compression: config.enableCompression,
    ...(config.snapshotPath === null
      ? {}
      : { snapshot: { path: config.snapshotPath, rejoinAfterLeave: config.rejoinAfterLeave } }),
    ...(config.reconnectInterval === null ? {} : { timings: { healInterval: config.reconnectInterval } }),
    serf: {
      broadcastTimeout: config.broadcastTimeout,
      queryBytesMax: config.querySizeLimit,
      queryResponseBytesMax: config.queryResponseSizeLimit,
      userEventBytesMax: config.userEventSizeLimit,
      conflictVote: !config.disableNameResolution,
      coordinates: !config.disableCoordinates,
      ...(config.reconnectTimeout === null ? {} : { reconnectTimeout: config.reconnectTimeout }),
      ...(config.tombstoneTimeout === null ? {} : { tombstoneTimeout: config.tombstoneTimeout }),
    },
  };
}

/** Reads `host[:port]`, IPv6 in brackets. @throws ConfigError */
export function endpoint(text: string, name: string, port: number = GOSSIP_PORT): Required<Endpoint> {
  const [, bracketed, plain, given] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new ConfigError(`${name} must be host or host:port, not ${JSON.stringify(text)}`);
  return { host, port: given === undefined ? port : Number(given) };
}

function encryptionOf({ encryptKey, keyringFile }: SerfAgentConfig): EncryptionOptions | "off" {
  if (encryptKey !== null) return { keys: [encryptKey] };
  if (keyringFile === null) return "off";
  try {
    const keys: unknown = JSON.parse(readFileSync(keyringFile, "utf8"));
    if (Array.isArray(keys) && keys.length > 0) return { keys, keyFile: keyringFile };
  } catch (error) {
    const reason = messageOf(error);
    throw new ConfigError(`keyring_file ${keyringFile} can't be read: ${reason}`);
  }
  throw new ConfigError(`keyring_file ${keyringFile} holds no key`);
}

/** Without keys and without a bind address the agent binds to loopback, unlike Serf's agent. */
function bindOf({ bind, interface: name }: SerfAgentConfig, isEncrypted: boolean): Required<Endpoint> {
  const bound = endpoint(bind ?? (isEncrypted ? "0.0.0.0" : "127.0.0.1"), "bind");
  if (name === null) return bound;
  const addresses = networkInterfaces()[name];
  if (addresses === undefined) throw new ConfigError(`there is no network interface ${JSON.stringify(name)}`);
  if (bind !== null && !["", "0.0.0.0", "::"].includes(bound.host)) {
    // As in Serf, the interface then only checks the bind address.
    if (addresses.some(({ address }) => address === bound.host)) return bound;
    throw new ConfigError(`the network interface ${JSON.stringify(name)} hasn't the address ${bound.host}`);
  }
  const found = addresses.find(({ family }) => family === "IPv4") ?? addresses[0];
  if (found === undefined) throw new ConfigError(`the network interface ${JSON.stringify(name)} has no address`);
  return { host: found.address, port: bound.port };
}
