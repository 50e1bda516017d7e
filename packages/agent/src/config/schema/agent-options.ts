import {
  CLUSTER_OPTIONS,
  choice,
  type Duration,
  duration,
  type Form,
  flag,
  form,
  type HostPort,
  hidden,
  integer,
  oneOrMore,
  option,
  optional,
  parseHostPort,
  parts,
  type Row,
  type Rows,
  type Table,
  tableSchema,
  word,
  words,
} from "hearsay/options";
import { parseHandler } from "../../events/handler-spec.ts";
import { type AgentLogLevel, LOG_LEVELS } from "../../log/log-ring.ts";
import { PROFILE_NAMES, type ProfileName } from "../profile-names.ts";

const HOUR_MS = 3_600_000;
const RPC_PORT = 7373;

/** Options of the library that are not the agent's: a profile stands for `preset`, and the agent is of one flavour. */
const NOT_THE_AGENTS = ["preset", "flavour", "extensions", "meta", "logger", "transport", "handlerTimeout"] as const;

/** Ways to find the other nodes. */
export interface DiscoveryOptions {
  readonly provider?: "static" | "dns" | "k8s";
  readonly staticPeers?: string;
  readonly dnsRecord?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
}

/** Serf's RPC. */
export interface RpcOptions {
  readonly bind?: string;
  readonly authKey?: string;
  readonly connectionsMax?: number;
  readonly bytesMax?: number;
  readonly handshakeTimeout?: Duration;
}

/** Serf's RPC, checked. */
export interface ParsedRpc {
  readonly bind: HostPort | null;
  readonly authKey: string | null;
  readonly connectionsMax: number;
  readonly bytesMax: number;
  readonly handshakeTimeout: number;
}

/** Allowances for older pools. */
export interface CompatibilityOptions {
  readonly shortKeys?: boolean;
}

/** What only the agent can be told. */
export interface OwnOptions {
  readonly profile?: ProfileName;
  readonly enabled?: boolean;
  readonly discovery?: DiscoveryOptions;
  readonly tagsFile?: string;
  readonly eventHandlers?: string | readonly string[];
  readonly logLevel?: AgentLogLevel;
  readonly handlerTimeout?: Duration;
  readonly leaveOnInterrupt?: boolean;
  readonly leaveOnTerminate?: boolean;
  readonly rpc?: RpcOptions;
  readonly compatibility?: CompatibilityOptions;
}

/** `OwnOptions`, checked. */
export interface OwnValues {
  readonly profile: ProfileName;
  readonly enabled: boolean;
  readonly discovery: Required<DiscoveryOptions>;
  readonly tagsFile: string | null;
  readonly eventHandlers: readonly string[];
  readonly logLevel: AgentLogLevel;
  readonly handlerTimeout: number;
  readonly leaveOnInterrupt: boolean;
  readonly leaveOnTerminate: boolean;
  readonly rpc: ParsedRpc;
  readonly compatibility: Required<CompatibilityOptions>;
}

/** `host[:port]`. */
function endpoint(defaultPort: number): Form<string, HostPort> {
  const about = {
    type: "host:port",
    bounds: `an IP literal or a host name; port ${defaultPort}`,
    schema: { type: "string" },
  };
  return form(about, "host:port, with IPv6 in brackets", (given) => {
    const parsed = typeof given === "string" ? parseHostPort(given, defaultPort) : "";
    return typeof parsed === "string" ? undefined : parsed;
  });
}

/** `[filter=]script`, as Serf's agent takes it. */
const handler: Form<string> = form(
  { type: "text", bounds: "[filter=]script", schema: { type: "string", minLength: 1 } },
  "[filter=]script, such as user:deploy=./deploy.sh or member-join,member-leave=./members.sh",
  (given) => (typeof given === "string" && given !== "" && parseHandler(given) !== null ? given : undefined),
);

const DISCOVERY: Rows<DiscoveryOptions, Required<DiscoveryOptions>> = {
  provider: option(choice(["static", "dns", "k8s"]), "static", ["Where peers come from, besides `join`."]),
  staticPeers: option(word, "", ["For `static`: peers as `host:port`, separated by commas."], "none"),
  dnsRecord: option(word, "", ["For `dns`: the name of an SRV record."], "none"),
  namespace: option(word, "", ["For `k8s`: the namespace of the pods; empty means this pod's own."], "none"),
  labelSelector: option(word, "", ["For `k8s`: which pods are peers."], "none"),
};

const RPC: Rows<RpcOptions, ParsedRpc> = {
  bind: optional(
    endpoint(RPC_PORT),
    ["Where Serf's RPC listens, for the `serf` command and Serf's client libraries."],
    "no RPC",
  ),
  authKey: optional(hidden(words("text", "not empty", "text that isn't empty")), ["What RPC clients must show first."]),
  connectionsMax: option(integer(1, 65_535), 1024, [
    "Concurrent RPC clients. At the limit a new one replaces one that has not shaken hands.",
  ]),
  bytesMax: option(integer(65_536, 4_294_967_296, "bytes"), 67_108_864, [
    "Bytes kept for all RPC clients together, mostly for slow readers.",
  ]),
  handshakeTimeout: option(duration(1, HOUR_MS), 10_000, ["Time limit for a client's handshake and authentication."]),
};

const COMPATIBILITY: Rows<CompatibilityOptions, Required<CompatibilityOptions>> = {
  shortKeys: option(flag, false, ["Whether keys of 16 and 24 bytes are allowed, which Serf's agents may have."]),
};

/** The rows of what only the agent can be told. */
export const OWN_ROWS: Rows<OwnOptions, OwnValues> = {
  profile: option(choice(PROFILE_NAMES), "lan", ["A named set of defaults: see the table of profiles."]),
  enabled: option(flag, true, ["False: the agent says so and ends, without opening anything."]),
  discovery: parts(DISCOVERY, ["How the other nodes are found."]),
  tagsFile: optional(words("path", "a file", "the path of a file"), [
    "A file that keeps the tags that were changed while the agent ran. Not beside `tags`.",
  ]),
  eventHandlers: option(
    oneOrMore(handler, { type: "text or a list", bounds: "[filter=]script" }),
    [],
    ["Scripts that the agent runs for events and queries, such as `user:deploy=./deploy.sh`."],
    "none",
  ),
  logLevel: option(choice(LOG_LEVELS), "INFO", ["The least urgent lines of the log that are printed."]),
  handlerTimeout: option(duration(0, HOUR_MS), 10_000, [
    "Time that running scripts and waiting events may take when the agent ends; then they are killed.",
  ]),
  leaveOnInterrupt: option(flag, true, ["Whether SIGINT makes the node leave. Otherwise the others see it fail."]),
  leaveOnTerminate: option(flag, true, ["Whether SIGTERM makes the node leave. Otherwise the others see it fail."]),
  rpc: parts(RPC, ["Serf's RPC."]),
  compatibility: parts(COMPATIBILITY, ["Allowances for older pools."]),
};

/** Changes that one reader may leave unread: an agent has many clients behind one reader. */
export const CHANGES_MAX = 65_536;

/** The rows of the library's options that the agent takes, with the agent's defaults. */
export const NODE_ROWS: Table = Object.fromEntries(
  Object.entries(CLUSTER_OPTIONS).flatMap(([name, row]) => {
    if (NOT_THE_AGENTS.some((other) => other === name)) return [];
    if (name === "nodeName") return [[name, { ...row, default: "this machine's name" }]];
    return [[name, name === "limits" ? withChangesMax(row) : row]];
  }),
);

function withChangesMax(limits: Row<unknown>): Row<unknown> {
  const { changesMax, ...others } = limits.form.parts ?? {};
  if (changesMax === undefined) return limits;
  const rows = { changesMax: { ...changesMax, default: String(CHANGES_MAX) }, ...others };
  return { ...limits, form: { ...limits.form, parts: rows, schema: tableSchema(rows) } };
}

/** Every row of the agent's configuration, in the order of its reference page. */
export const AGENT_ROWS: Table = { ...OWN_ROWS, ...NODE_ROWS };
