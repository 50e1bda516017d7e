import type { SerfAgentConfig } from "./serf-config.ts";

/** Forms that a setting's value can have. */
export type SettingForm =
  | "text"
  | "number"
  | "boolean"
  | "duration"
  | "list"
  | "tags"
  | "level"
  | "profile"
  | "protocol";

/** One setting: its names and the form of its value. */
export interface Setting {
  readonly field: keyof SerfAgentConfig;
  /** In files. */
  readonly key: string;
  /** On the command line; null if there is no flag. */
  readonly flag: string | null;
  readonly form: SettingForm;
  /** Least value of a number or duration. */
  readonly min?: number;
  /** Greatest value of a duration. */
  readonly max?: number;
  /** The flag's presence means false. */
  readonly isNegated?: true;
}

/** The longest delay of Node's timers, 24 days; a longer one fires at once. */
const TIMER_MS_MAX = 0x7fff_ffff;

/** The version of Serf's protocol that an agent speaks. */
export const SERF_PROTOCOL = 5;

/** Settings of Serf's agent that this one refuses, each with the reason and an alternative. */
export const REFUSED: readonly {
  readonly flags: readonly string[];
  readonly keys: readonly string[];
  readonly reason: string;
}[] = [
  {
    flags: ["discover", "mdns-iface", "mdns-disable-ipv4", "mdns-disable-ipv6"],
    keys: ["discover", "mdns"],
    reason: "there is no discovery by mDNS; give -retry-join addresses, or a name that leads to several",
  },
  {
    flags: ["syslog"],
    keys: ["enable_syslog", "syslog_facility"],
    reason: "the log goes to stdout; run the agent under systemd, or pipe it into logger(1)",
  },
  {
    flags: [],
    keys: ["statsite_addr", "statsd_addr"],
    reason: "metrics are not pushed; ask for them by `serf info`",
  },
  {
    flags: [],
    keys: ["validate_node_names"],
    reason: "every name that the protocol can carry is taken",
  },
];

/** Every setting (docs/protocol/serf.md, section 20.1). */
export const SETTINGS: readonly Setting[] = [
  { field: "nodeName", key: "node_name", flag: "node", form: "text" },
  { field: "tags", key: "tags", flag: "tag", form: "tags" },
  { field: "tagsFile", key: "tags_file", flag: "tags-file", form: "text" },
  { field: "bind", key: "bind", flag: "bind", form: "text" },
  { field: "advertise", key: "advertise", flag: "advertise", form: "text" },
  { field: "interface", key: "interface", flag: "iface", form: "text" },
  { field: "encryptKey", key: "encrypt_key", flag: "encrypt", form: "text" },
  { field: "keyringFile", key: "keyring_file", flag: "keyring-file", form: "text" },
  { field: "logLevel", key: "log_level", flag: "log-level", form: "level" },
  { field: "rpcAddr", key: "rpc_addr", flag: "rpc-addr", form: "text" },
  { field: "rpcAuth", key: "rpc_auth", flag: null, form: "text" },
  { field: "rpcConnectionsMax", key: "rpc_connections_max", flag: null, form: "number", min: 1 },
  { field: "rpcBytesMax", key: "rpc_bytes_max", flag: null, form: "number", min: 65_536 },
  {
    field: "rpcHandshakeTimeout",
    key: "rpc_handshake_timeout",
    flag: null,
    form: "duration",
    min: 1,
    max: TIMER_MS_MAX,
  },
  { field: "protocol", key: "protocol", flag: "protocol", form: "protocol" },
  { field: "replayOnJoin", key: "replay_on_join", flag: "replay", form: "boolean" },
  { field: "queryResponseSizeLimit", key: "query_response_size_limit", flag: null, form: "number", min: 64 },
  { field: "querySizeLimit", key: "query_size_limit", flag: null, form: "number", min: 64 },
  { field: "userEventSizeLimit", key: "user_event_size_limit", flag: null, form: "number", min: 64 },
  { field: "startJoin", key: "start_join", flag: "join", form: "list" },
  { field: "retryJoin", key: "retry_join", flag: "retry-join", form: "list" },
  {
    field: "retryInterval",
    key: "retry_interval",
    flag: "retry-interval",
    form: "duration",
    min: 1000,
    max: TIMER_MS_MAX,
  },
  { field: "retryMaxAttempts", key: "retry_max_attempts", flag: "retry-max", form: "number", min: 0 },
  { field: "eventHandlers", key: "event_handlers", flag: "event-handler", form: "list" },
  { field: "profile", key: "profile", flag: "profile", form: "profile" },
  { field: "snapshotPath", key: "snapshot_path", flag: "snapshot", form: "text" },
  { field: "rejoinAfterLeave", key: "rejoin_after_leave", flag: "rejoin", form: "boolean" },
  { field: "leaveOnTerminate", key: "leave_on_terminate", flag: null, form: "boolean" },
  { field: "skipLeaveOnInterrupt", key: "skip_leave_on_interrupt", flag: null, form: "boolean" },
  { field: "reconnectInterval", key: "reconnect_interval", flag: null, form: "duration" },
  { field: "reconnectTimeout", key: "reconnect_timeout", flag: null, form: "duration" },
  { field: "tombstoneTimeout", key: "tombstone_timeout", flag: null, form: "duration" },
  { field: "disableNameResolution", key: "disable_name_resolution", flag: null, form: "boolean" },
  { field: "disableCoordinates", key: "disable_coordinates", flag: null, form: "boolean" },
  {
    field: "enableCompression",
    key: "enable_compression",
    flag: "disable-compression",
    form: "boolean",
    isNegated: true,
  },
  { field: "handlerTimeout", key: "handler_timeout", flag: "handler-timeout", form: "duration", max: TIMER_MS_MAX },
  { field: "broadcastTimeout", key: "broadcast_timeout", flag: "broadcast-timeout", form: "duration", min: 1000 },
];
