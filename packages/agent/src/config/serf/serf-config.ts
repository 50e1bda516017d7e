import type { AgentLogLevel } from "../../log/log-ring.ts";

/** The configuration of Serf's agent, named as in its files (docs/protocol/serf.md, section 20.1); times are in milliseconds. */
export interface SerfAgentConfig {
  /** @defaultValue host name */
  readonly nodeName: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** A file that keeps the tags. */
  readonly tagsFile: string | null;
  /** `host[:port]`. */
  readonly bind: string | null;
  readonly advertise: string | null;
  /** The network interface whose address to bind. */
  readonly interface: string | null;
  /** Base64. */
  readonly encryptKey: string | null;
  readonly keyringFile: string | null;
  readonly logLevel: AgentLogLevel;
  readonly rpcAddr: string;
  readonly rpcAuth: string | null;
  /** Concurrent RPC clients, from 1. At the limit a new client replaces one that has not shaken hands. */
  readonly rpcConnectionsMax: number;
  /** Bytes that the agent keeps for all RPC clients together, from 65,536: mostly for slow readers. */
  readonly rpcBytesMax: number;
  /** Time limit for a client's handshake, and for its authentication with `rpcAuth`, from 1. */
  readonly rpcHandshakeTimeout: number;
  /** The version of Serf's protocol, which can only be 5. */
  readonly protocol: number;
  readonly replayOnJoin: boolean;
  readonly queryResponseSizeLimit: number;
  readonly querySizeLimit: number;
  readonly userEventSizeLimit: number;
  readonly startJoin: readonly string[];
  readonly retryJoin: readonly string[];
  readonly retryInterval: number;
  /** 0 retries forever. */
  readonly retryMaxAttempts: number;
  readonly eventHandlers: readonly string[];
  readonly profile: "lan" | "wan" | "local";
  readonly snapshotPath: string | null;
  readonly rejoinAfterLeave: boolean;
  readonly leaveOnTerminate: boolean;
  readonly skipLeaveOnInterrupt: boolean;
  readonly reconnectInterval: number | null;
  readonly reconnectTimeout: number | null;
  readonly tombstoneTimeout: number | null;
  readonly disableNameResolution: boolean;
  readonly disableCoordinates: boolean;
  readonly enableCompression: boolean;
  readonly broadcastTimeout: number;
  /** Time that running scripts and waiting events may take when the agent ends, from 0. */
  readonly handlerTimeout: number;
}

export const SERF_CONFIG_DEFAULTS: SerfAgentConfig = {
  nodeName: null,
  tags: {},
  tagsFile: null,
  bind: null,
  advertise: null,
  interface: null,
  encryptKey: null,
  keyringFile: null,
  logLevel: "INFO",
  rpcAddr: "127.0.0.1:7373",
  rpcAuth: null,
  rpcConnectionsMax: 1024,
  rpcBytesMax: 64 * 1024 * 1024,
  rpcHandshakeTimeout: 10_000,
  protocol: 5,
  replayOnJoin: false,
  queryResponseSizeLimit: 1024,
  querySizeLimit: 1024,
  userEventSizeLimit: 512,
  startJoin: [],
  retryJoin: [],
  retryInterval: 30_000,
  retryMaxAttempts: 0,
  eventHandlers: [],
  profile: "lan",
  snapshotPath: null,
  rejoinAfterLeave: false,
  leaveOnTerminate: false,
  skipLeaveOnInterrupt: false,
  reconnectInterval: null,
  reconnectTimeout: null,
  tombstoneTimeout: null,
  disableNameResolution: false,
  disableCoordinates: false,
  enableCompression: true,
  broadcastTimeout: 5000,
  handlerTimeout: 10_000,
};

/** A part of a configuration: one file's, or the command line's. */
export type SerfConfigLayer = Partial<SerfAgentConfig>;

/** Merges the layers over the defaults: later layers win, lists are joined, tags are merged. */
export function mergeSerfConfig(layers: readonly SerfConfigLayer[]): SerfAgentConfig {
  return Object.assign({}, SERF_CONFIG_DEFAULTS, ...layers, {
    tags: Object.assign({}, ...layers.map(({ tags }) => tags)),
    startJoin: layers.flatMap(({ startJoin = [] }) => startJoin),
    retryJoin: layers.flatMap(({ retryJoin = [] }) => retryJoin),
    eventHandlers: layers.flatMap(({ eventHandlers = [] }) => eventHandlers),
  });
}
