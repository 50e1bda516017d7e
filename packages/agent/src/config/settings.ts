import { hostname } from "node:os";
import type { AgentSettings, RpcSettings } from "./agent-settings.ts";
import { ConfigError } from "./config-error.ts";
import type { Configuration } from "./configuration.ts";
import { faultLine } from "./report.ts";
import type { OwnValues } from "./schema/agent-options.ts";

/** Targets to join are the node's own matter, which tries them for as long as it runs. */
const NO_JOINS = { startJoin: [], retryJoin: { targets: [], intervalMs: 1000, attemptsMax: 0 }, replayOnJoin: false };

/** The settings of an agent with this configuration. @throws ConfigError with every fault, a line each */
export function settingsOf({ own, node, profile, faults }: Configuration): AgentSettings {
  if (faults.length > 0) throw new ConfigError(["the configuration has faults:", ...faults.map(faultLine)].join("\n"));
  const { tags = {}, ...cluster } = node;
  return {
    ...NO_JOINS,
    cluster: { ...cluster, nodeName: cluster.nodeName ?? hostname() },
    reloadsCluster: true,
    profile: `${profile.name}, ${profile.why}`,
    tags,
    tagsFile: own.tagsFile,
    eventHandlers: own.eventHandlers,
    handlerTimeoutMs: own.handlerTimeout,
    logLevel: own.logLevel,
    leaveOnInterrupt: own.leaveOnInterrupt,
    leaveOnTerminate: own.leaveOnTerminate,
    rpc: rpcSettings(own.rpc),
  };
}

function rpcSettings({
  bind,
  authKey,
  connectionsMax,
  bytesMax,
  handshakeTimeout,
}: OwnValues["rpc"]): RpcSettings | null {
  if (bind === null) return null;
  return { bind, authKey, connectionsMax, bytesMax, handshakeMs: handshakeTimeout };
}
