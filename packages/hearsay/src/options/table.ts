import { presetConfig } from "@hearsay/core";
import { LABEL_BYTES_MAX, NAME_BYTES_MAX, type WireOptions } from "@hearsay/core/wire";
import { configError, type OptionFault } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { mapped, type Table } from "../forms/form.ts";
import { choice, duration, flag, integer, methods, text } from "../forms/plain-forms.ts";
import { divided, has, option, optional, parts, type Rows, readRows } from "../forms/rows.ts";
import type { Transport } from "../transport/transport.ts";
import type { ClusterOptions, Endpoint, LimitOptions, MetricsOptions } from "./cluster-options.ts";
import { encryptionForm, NO_ENCRYPTION } from "./encryption-form.ts";
import { metaForm, prefixForm, tagsForm } from "./identity-forms.ts";
import {
  type Advertised,
  advertiseForm,
  type Bind,
  bindForm,
  DEFAULT_PORT,
  hostForm,
  networksForm,
  targetsForm,
} from "./network-forms.ts";
import type { ParsedOptions } from "./parsed-options.ts";
import { defaultLabel, hasExtensions, keepToFlavour, keepToLoopback, keepToOneSuspicion, serfOf } from "./relations.ts";
import { serfForm, timingsForm } from "./setting-rows.ts";
import { snapshotForm } from "./snapshot-form.ts";

const HOUR_MS = 3_600_000;

const BIND: Rows<Endpoint, Bind> = {
  host: optional(
    hostForm("an IP literal or a host name"),
    [
      "`::` listens on both families. A host name is resolved once, at the start; if it has several addresses, the",
      "node binds one that belongs to this machine, IPv4 before IPv6.",
    ],
    "127.0.0.1 without keys, 0.0.0.0 with keys",
  ),
  port: option(integer(0, 65_535), DEFAULT_PORT, ["0 takes a free port, the same for datagrams and streams."]),
};

const ADVERTISE: Rows<Endpoint, Advertised> = {
  host: optional(
    hostForm("an IP literal, none that means every interface, or a host name"),
    [
      "A host name is resolved once, at the start, since the protocol treats another address of a live member as a",
      "second node with the same name. If the address changes, restart the node.",
    ],
    "the bound host",
  ),
  port: optional(integer(1, 65_535), ["Set it if the port is forwarded."], "the bound port"),
};

/** Options that `WireOptions` has under the same names. */
const WIRE = {
  label: optional(
    mapped(text(0, LABEL_BYTES_MAX), (label) => Uint8Array.from(Buffer.from(label))),
    [
      "Packets and streams with another label are dropped. The label is no secret. An empty text means no label, which",
      "peers with memberlist 0.2 and older need.",
    ],
    "the value of clusterName; none in the flavours serf and memberlist",
  ),
  skipInboundLabelCheck: option(flag, false, [
    "Accepts packets whose label a proxy has already removed. This node's own packets still carry it.",
  ]),
  compression: option(flag, true, [
    "Compresses packets of at least 300 bytes and streams of at least 14,000 bytes. This saves bandwidth and costs",
    "time.",
  ]),
  packetBytes: option(integer(512, 65_507, "bytes"), 1400, [
    "Packets are filled up to this size. Larger packets spread news faster if the whole path carries them; otherwise",
    "they are lost.",
  ]),
} satisfies Rows<Pick<ClusterOptions, keyof ClusterOptions & keyof WireOptions>>;

const METRICS: Rows<MetricsOptions, Required<MetricsOptions>> = {
  prefix: option(prefixForm, "hearsay", ["The first part of the name of every metric."]),
};

const LIMITS: Rows<LimitOptions, Required<LimitOptions>> = {
  changesMax: option(integer(16, 1_048_576), 1024, [
    "How many changes one reader may leave unread. Beyond that, a new snapshot replaces them.",
  ]),
  messagesMax: option(integer(1, 1_048_576), 1024, [
    "How many messages one reader may leave unread. Beyond that, the oldest are dropped.",
  ]),
  inboundConnectionsMax: option(integer(8, 65_535), 1024, [
    "How many streams peers may hold open to this node; each takes a file descriptor. Beyond that, a new stream",
    "replaces an idle one, else one of the host that has the most streams, else it is refused.",
  ]),
  streamBytesMax: option(integer(65_536, 4_294_967_296, "bytes"), 134_217_728, [
    "Bytes held for all streams together: received messages, what they decompress to, and answers that peers have not",
    "read yet. Half of it bounds one message, before and after decompression; a quarter bounds a state that this node",
    "sends. At the limit, streams wait in the order in which they came.",
  ]),
};

/** Every option, in the order of docs/reference/options.md: its form, its default, and its text on the page. */
const ROWS = {
  clusterName: optional(text(1, NAME_BYTES_MAX), [
    "The product that this cluster belongs to. It is the default of `label`, so that two products never merge by",
    "accident. Omit it, or set `label`, to join peers with another label or none.",
  ]),
  nodeName: optional(
    text(1, NAME_BYTES_MAX),
    [
      "Must be unique in the cluster. Keep it across restarts: the others then see a member return, not a new one. Two",
      "such names plus 120 bytes must fit into a packet: with packets of 512 bytes, a label of 255 bytes and keys, a",
      "name may have up to 48 bytes.",
    ],
    "host name and port",
  ),
  tags: option(
    tagsForm,
    {},
    [
      "What this node announces about itself, as pairs of text. Every member knows them; queries and rings select",
      "members by them. Large tags make each announcement more expensive. Not in the flavour `memberlist`.",
    ],
    "none",
  ),
  meta: optional(metaForm, [
    "What this node announces about itself, as bytes that the application defines. Only in the flavour `memberlist`;",
    "in the other flavours, the tags are the metadata.",
  ]),
  bind: option(
    bindForm(BIND),
    { host: null, port: DEFAULT_PORT },
    [
      "Where to listen, for both datagrams and streams. Without keys, only loopback addresses are allowed, unless",
      '`encryption` is explicitly "off".',
    ],
    `127.0.0.1:${DEFAULT_PORT} without keys, 0.0.0.0:${DEFAULT_PORT} with keys`,
  ),
  advertise: option(
    advertiseForm(ADVERTISE),
    { host: null, port: null },
    [
      "Where others reach this node, for NAT and containers. A node that is bound to every interface advertises a",
      "private address: that of the default route, else the lowest one that is not on a bridge to containers. If there",
      "are several candidates, a log line says that the choice is a guess.",
    ],
    "the bound address",
  ),
  join: option(
    targetsForm,
    [],
    [
      "Nodes to join. A few that are rarely down at the same time are enough. A host name is resolved again at each",
      "try and stands for all its addresses. Addresses at which no member is alive are tried again, a few in each",
      "`healInterval`.",
    ],
    "none",
  ),
  addressFamily: option(choice(["any", "ipv4", "ipv6"]), "any", [
    "Which addresses of host names to use. A single family avoids waiting for routes that don't exist.",
  ]),
  allowedCidrs: optional(
    networksForm,
    [
      "Members outside these networks are refused. This protects against mistakes, not against attackers who can forge",
      "addresses.",
    ],
    "all",
  ),
  encryption: optional(encryptionForm, [
    'Every holder of a key is a member. "off" allows unencrypted traffic on every interface. Without this option, the',
    "node uses only loopback addresses.",
  ]),
  preset: option(choice(["lan", "wan", "local"]), "lan", [
    "The default timings: for one network (`lan`), for distant networks (`wan`), or for one machine (`local`). All",
    "nodes should have the same preset.",
  ]),
  flavour: option(choice(["hearsay", "serf", "memberlist"]), "hearsay", [
    "The kind of pool. `hearsay` is Serf's protocol with extensions; Serf agents may be members. `serf` is the same",
    "protocol without extensions. `memberlist` is for pools of an application's own Go nodes. Nodes of the first two",
    "can share a pool; those of the third can join neither.",
  ]),
  extensions: optional(
    choice(["none", "all"]),
    [
      "In the flavour `memberlist`: whether every node of the cluster runs Hearsay. Plain memberlist peers can't read",
      "the extensions' messages. In the other flavours, the flavour determines it.",
    ],
    "all in the flavour hearsay, else none",
  ),
  protocolVersion: option(integer(1, 5), 2, [
    "The version of memberlist's protocol that this node speaks. It understands all five. Versions other than the",
    "default are for very old peers.",
  ]),
  ...WIRE,
  logger: optional(methods<Logger>("has debug, info, warn and error", "debug", "info", "warn", "error"), [
    "`console` (which gets lines in logfmt), a pino logger, or a similar object. Each change of membership is one",
    "line. Lines that a single peer could cause at will, such as those about refused bytes and disputed names, are",
    "limited to one per kind and peer in ten seconds.",
  ]),
  metrics: parts(METRICS, ["How metrics are named."]),
  transport: optional(
    methods<Transport>("a Transport", "open", "send", "connect", "close"),
    ["A transport to use instead of UDP and TCP. It decides itself where to bind."],
    "UDP and TCP",
  ),
  limits: parts(LIMITS, ["Limits of what may wait or be held."]),
  handlerTimeout: option(duration(0, HOUR_MS), 10_000, [
    "How long asynchronous handlers that are running when this node leaves may continue; their answers are still sent.",
    "A longer time lets slow handlers finish and delays the leave. Handlers that still run at its end are cut.",
  ]),
  timings: option(
    timingsForm,
    {},
    ["The protocol's intervals, timeouts and counts. All nodes of a cluster should have the same values."],
    "the preset's",
  ),
  snapshot: optional(snapshotForm, [
    "A file that records the members, in the format of Serf's snapshots, so that this node finds them again after a",
    "restart. Missing members are tried repeatedly for `serf.reconnectTimeout`; until one is found, the node is not",
    "ready. Not in the flavour `memberlist`.",
  ]),
  serf: option(serfForm, {}, ["Times and limits of Serf's protocol. Not in the flavour `memberlist`."], "Serf's"),
} satisfies Rows<ClusterOptions>;

/** The rows of the options of `createCluster`: form, default and description of each, in the order of the documentation. */
export const CLUSTER_OPTIONS: Table = ROWS;

/** All faults of options that `createCluster` would refuse, none of which shows a key. Nothing is opened or resolved. */
export function checkOptions(options: ClusterOptions): readonly OptionFault[] {
  const faults: OptionFault[] = [];
  readOptions(options, faults);
  return faults;
}

/**
 * Checks the options of `createCluster` and fills in the defaults.
 *
 * @throws HearsayError `ERR_CONFIG` with all faults, none of which shows a key.
 */
export function parseOptions(input: ClusterOptions): ParsedOptions {
  const faults: OptionFault[] = [];
  const parsed = readOptions(input, faults);
  if (faults.length > 0) throw configError(faults);
  return parsed;
}

/** The parsed options; of use only if no faults are added. */
function readOptions(input: ClusterOptions, faults: OptionFault[]): ParsedOptions {
  const [wire, values] = divided(readRows(ROWS, input, faults), WIRE);
  // The options not named here become settings unchanged.
  const { encryption, bind, preset, timings, tags, meta, snapshot, serf, extensions, handlerTimeout, ...same } = values;
  const { clusterName, flavour, transport } = same;
  const isSealed = encryption !== null && encryption !== "off";
  const { keys, keyFile, ...verification } = isSealed ? encryption : NO_ENCRYPTION;
  const parsed: ParsedOptions = {
    ...same,
    bind: { ...bind, host: bind.host ?? (isSealed ? "0.0.0.0" : "127.0.0.1") },
    staysLocal: encryption === null && transport === null && !has(input, "encryption"),
    keys: isSealed ? (keys ?? []) : null,
    keyFile,
    extensions: hasExtensions({ flavour, extensions }, input, faults),
    wire: { ...wire, ...verification, label: wire.label ?? defaultLabel(flavour, clusterName) },
    timings: Object.freeze({ ...presetConfig(preset), ...timings }),
    meta: meta ?? new Uint8Array(0),
    serf: serfOf(flavour, { tags, snapshot, config: serf }, faults),
    handlerTimeoutMs: handlerTimeout,
  };
  if (parsed.staysLocal) keepToLoopback(parsed, faults);
  keepToFlavour(flavour, input, faults);
  keepToOneSuspicion(timings, faults);
  return parsed;
}
